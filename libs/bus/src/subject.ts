import type { MessageDefinition, QuestionDefinition } from '#contracts';

/** Where a message goes: `<stream>.<thing>.<verb>.<organisation>.<chat or ->`. */
export function subjectOf(definition: MessageDefinition, organisationId: string, chat = '-'): string {
  return `${definition.stream.toLowerCase()}.${definition.name}.${organisationId}.${chat}`;
}

/** Every message of one definition. */
export function filterOf(definition: MessageDefinition): string {
  return `${definition.stream.toLowerCase()}.${definition.name}.>`;
}

/** Where a question is asked; its owner's replicas share the work. */
export function questionSubject(definition: QuestionDefinition): string {
  return `ask.${definition.owner}.${definition.name}`;
}

/** The durable consumer of one app for one definition: `<app>-<thing>-<verb>`. */
export function durableName(app: string, definition: MessageDefinition): string {
  return `${app}-${definition.name.replaceAll('.', '-')}`;
}

/** The chat token a subject ends with. */
export function chatOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}
