/** Where the settings of one scope lie in the cache; written by config, dropped when they change. */
export const settingsKey = (scope: string, subject: string) => `settings:${scope}:${subject}`;
