// A customer writes, a suggestion arrives, you reply, the customer receives it. Run it beside `npm start`:
//   node examples/first-conversation.mjs [.data/credentials.json]
import { readFile } from 'node:fs/promises';

const credentials = JSON.parse(await readFile(process.argv[2] ?? '.data/credentials.json', 'utf8'));
const { url, organisation } = credentials;

async function call(method, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail}`);
  return answer;
}

// 1. a token of the first organisation's API client
let token = '';
const granted = await fetch(credentials.token_endpoint, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: organisation.client_id,
    client_secret: organisation.client_secret,
  }),
});
token = (await granted.json()).access_token;

// 2. a session: a WhatsApp line without a phone
const session = await call('POST', '/v1/sessions', { driver: 'sandbox', name: 'Sandbox' });
console.log(`session    ${session.id} is ${session.state}`);

// 3. the agent's socket
const { ticket } = await call('POST', '/v1/realtime/tickets');
const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
const events = [];
const waiting = [];
socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', ticket }));
socket.onmessage = ({ data }) => {
  events.push(JSON.parse(data));
  for (const check of waiting) check();
};
function next(matches) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('nothing came over the socket in 10 s')), 10_000);
    const check = () => {
      const found = events.find(matches);
      if (!found) return;
      clearTimeout(late);
      resolve(found);
    };
    waiting.push(check);
    check();
  });
}
await next((frame) => frame.type === 'ready');

// 4. a customer writes
const began = performance.now();
await call('POST', `/v1/sandbox/${session.id}/messages`, {
  from: '5511987654321',
  name: 'Marina',
  text: 'Oi, quanto custa o plano anual?',
});
const { data } = await next((frame) => frame.name === 'message.analysed' && frame.data.sessionId === session.id);
const { analysis, conversationId } = data;
console.log(
  `understood ${analysis.intent}, ${analysis.sentiment.label}, lead score ${analysis.leadScore}, after ${(performance.now() - began).toFixed(0)} ms`,
);
for (const [index, suggestion] of analysis.suggestions.entries()) console.log(`suggestion ${index + 1}: ${suggestion.text}`);
console.log(`next       ${analysis.nextAction.text}`);

// 5. you reply with the first suggestion; the key makes sure that a repeated request sends nothing twice
const reply = analysis.suggestions[0].text;
const message = await call(
  'POST',
  `/v1/conversations/${conversationId}/messages`,
  { text: reply },
  { 'idempotency-key': crypto.randomUUID() },
);
await next((frame) => frame.name === 'message.updated' && frame.data.messageId === message.id && frame.data.ack === 'delivered');

// 6. what the customer received
const received = await call('GET', `/v1/sandbox/${session.id}/messages`);
console.log(`customer   received "${received.items[0].text}"`);
socket.close();
