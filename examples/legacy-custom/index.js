// Segment's first generation (spring of 2019): transformEvent makes the body,
// exports.processEvents sends it. The API key is in context.clientContext.

const https = require('https');
const url = require('url');

// The only settings of this generation, besides the key: edit them.
const endpoint = 'https://hooks.example.com/services/notes';
const method = 'POST';

// The body to send, or something falsy to send nothing.
function transformEvent(event) {
  if (event.type !== 'track') return null;
  const properties = event.properties || {};

  return {
    text: `${event.email || event.userId} did ${event.event}`,
    attachments: [{
      author_name: `UserID: ${event.userId}`,
      fields: [{ title: 'Plan', value: properties.plan, short: false }],
    }],
  };
}

exports.processEvents = (event, context, callback) => {
  const body = transformEvent(event);

  if (!body) return callback(null, `Ignored: ${event.type}`);
  const { hostname, pathname } = url.parse(endpoint);
  const apiKey = context && context.clientContext && context.clientContext.apiKey;
  const request = {
    protocol: 'https:',
    hostname,
    path: pathname,
    method,
    headers: { 'Content-Type': 'application/json' },
  };

  if (apiKey) request.headers.Authorization = `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`;
  const outgoing = https.request(request, (response) => {
    let text = '';

    response.on('data', (part) => { text += part; });
    response.on('end', () => {
      // This generation has one kind of error, a text: the event is then given up.
      if (response.statusCode >= 300) return callback(`the endpoint answered ${response.statusCode}`);
      return callback(null, { status: response.statusCode, body: text });
    });
  });

  outgoing.on('error', (error) => callback(error));
  outgoing.end(JSON.stringify(body));
};
