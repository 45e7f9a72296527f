import { describe, expect, it } from 'vitest';
import { judgeByAll } from './judges.js';

describe(judgeByAll.name, () => {
  const judge = judgeByAll([
    (error) => (error === 'database' ? 'away' : 'unknown'),
    (error) => (error === 'key' ? 'poison' : 'unknown'),
    () => 'unknown',
  ]);

  it('takes the first verdict that says something', () => {
    expect([judge('database'), judge('key'), judge('something')]).toEqual(['away', 'poison', 'unknown']);
    expect(judgeByAll([])('anything')).toBe('unknown');
  });
});
