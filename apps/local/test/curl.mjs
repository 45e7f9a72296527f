#!/usr/bin/env node
// The part of curl that the README's script uses, for machines without it: -s, -u, -d, -H and a URL.
const { url, data, headers } = read(process.argv.slice(2));
const init = { headers, ...(data === undefined ? {} : { method: 'POST', body: data }) };
process.stdout.write(await (await fetch(url, init)).text());

function read(words) {
  const found = { url: '', data: undefined, headers: {} };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '-u') found.headers.authorization = `Basic ${Buffer.from(words[++index]).toString('base64')}`;
    else if (word === '-d') found.data = words[++index];
    else if (word === '-H') Object.assign(found.headers, header(words[++index]));
    else if (word !== '-s') found.url = word;
  }
  if (found.data !== undefined) found.headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return found;
}

function header(text) {
  const colon = text.indexOf(':');
  return { [text.slice(0, colon).trim().toLowerCase()]: text.slice(colon + 1).trim() };
}
