const always = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '100',
  jit: 'off',
  // no statement, parameter or row value in the log: they are people's messages
  log_statement: 'none',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
};
const durable = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
// a killed server still loses nothing: synchronous_commit hands every commit to the operating system
const fast = { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'off' };

/** PostgreSQL's settings as arguments, which nothing in the data directory can override. */
export function settingsFor(testsOnly: boolean): readonly string[] {
  return Object.entries({ ...always, ...(testsOnly ? fast : durable) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
