import { describe, expect, it } from 'vitest';
import { firstName } from './first-name.js';

describe(firstName.name, () => {
  it.each([
    ['Maria', 'Maria da Silva'],
    ['João', 'JOÃO PEDRO'],
    ['Ana', '  ana 🌸'],
    ['Zoë', 'Zoe\u0308 K.'],
    ['McArthur', 'McArthur Jr'],
  ])('finds %s in "%s"', (name, customerName) => {
    expect(firstName(customerName)).toBe(name);
  });

  it.each([
    null,
    '',
    '   ',
    'J',
    '🌸',
    '+55 11 99999-9999',
    'Loja do Zé',
    'Dra. Paula',
    'Dra Paula',
    'https://golpe.example/pix',
    'Maria\u202Egnp.exe',
    '<b>Ana</b>',
    '{name}',
    'M\u0336a\u0336r\u0336i\u0336a',
    'a'.repeat(1_000_000),
    'Анна',
  ])('uses no name out of %j', (customerName) => {
    expect(firstName(customerName)).toBeNull();
  });
});
