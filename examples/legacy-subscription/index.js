// Segment's second generation (summer of 2019): exports.processEvents gets
// {event, settings, version} and tells the outcome through a callback within 3 s.

const https = require('https');
const url = require('url');

// Code of this generation brings its own error classes; they count by their name.
class ValidationError extends Error {
  constructor(message) {
    super(message);
    this.name = 'ValidationError';
  }
}

class EventNotSupported extends Error {
  constructor(message) {
    super(message);
    this.name = 'EventNotSupported';
  }
}

class InvalidEventPayload extends Error {
  constructor(message) {
    super(message);
    this.name = 'InvalidEventPayload';
  }
}

function messageOf(event) {
  switch (event.type) {
    case 'track':
      if (!event.event) throw new InvalidEventPayload('a track call without a name');
      return { text: `${event.userId} did ${event.event}`, fields: event.properties };
    case 'identify':
      return { text: `${event.userId} is known`, fields: event.traits };
    default:
      throw new EventNotSupported(`${event.type} not supported`);
  }
}

function post(endpoint, apiKey, message, callback) {
  const { protocol, hostname, port, path } = url.parse(endpoint);
  const body = JSON.stringify(message);
  const request = {
    protocol,
    hostname,
    port,
    path,
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    },
  };
  const outgoing = https.request(request, (response) => {
    const parts = [];

    response.on('data', (part) => parts.push(part));
    response.on('end', () => callback(null, {
      request: { hostname, path, body: message }, // never the headers: the key is in them
      response: { statusCode: response.statusCode, body: parts.join('') },
    }));
  });

  outgoing.on('error', (error) => callback(error));
  outgoing.end(body);
}

// Only these three classes are told apart; any other error is a "Bad Request". There is no
// way to ask for a retry in this generation: RetryError came with the next.
exports.processEvents = (payload, context, callback) => {
  const { event, settings } = payload;

  if (!settings.apiKey) return callback(new ValidationError('The setting "apiKey" is missing'));
  let message;

  try {
    message = messageOf(event);
  } catch (error) {
    return callback(error);
  }
  const endpoint = settings.endpoint || 'https://hooks.example.com/services/notes';

  return post(endpoint, settings.apiKey, message, (error, answer) => {
    if (!error && answer.response.statusCode >= 300)
      return callback(new Error(`the endpoint answered ${answer.response.statusCode}`), answer);
    return callback(error, answer);
  });
};
