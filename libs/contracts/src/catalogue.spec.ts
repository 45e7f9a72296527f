import { describe, expect, it } from 'vitest';
import * as contracts from './index.js';
import type { CommandDefinition, EventDefinition, QuestionDefinition } from './index.js';

type Definition = EventDefinition | CommandDefinition | QuestionDefinition;

const isDefinition = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && 'kind' in value && 'name' in value && 'schema' in value;
const exported: unknown[] = Object.values(contracts);
const definitions = exported.filter(isDefinition);
const named = (...kinds: Definition['kind'][]) => definitions.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
const twice = (names: readonly string[]) => names.filter((name, n) => names.indexOf(name) !== n);

describe('the definitions of events, commands and questions', () => {
  it('are all here', () => {
    expect(named('event').length).toBeGreaterThan(8);
    expect(named('command').length).toBeGreaterThan(5);
    expect(named('question').length).toBeGreaterThan(8);
  });

  it('have names that a subject can carry: a thing and what became of it', () => {
    for (const { name } of definitions) expect(name).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
  });

  it('have one name each, also as the name of a durable consumer', () => {
    expect(twice(named('question'))).toEqual([]);
    expect(twice(named('event', 'command').map((name) => name.replaceAll('.', '-')))).toEqual([]);
  });

  it('begin with version 1', () => {
    for (const definition of definitions) if (definition.kind !== 'question') expect(definition.version).toBeGreaterThanOrEqual(1);
  });

  it('say what screens are told under the names screens know', () => {
    expect(contracts.RealtimeName.options.toSorted()).toEqual(Object.keys(contracts.RealtimeEvents).toSorted());
  });

  it('give settings a default for every key', () => {
    expect(contracts.OrganisationSettings.parse({})).toEqual({ language: 'pt', timezone: 'America/Sao_Paulo', analysis: true });
  });

  it('give an organisation every scope but that of the operator', () => {
    expect(contracts.ORGANISATION_SCOPES).not.toContain('operator');
    expect(contracts.ORGANISATION_SCOPES.length).toBe(contracts.Scope.options.length - 1);
  });
});
