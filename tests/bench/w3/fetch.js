// Posts a small message and waits for the answer, which takes 5 ms.
async function onTrack(event, settings) {
  const answer = await fetch(settings.endpoint, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ id: event.messageId }),
  });

  if (!answer.ok) throw new RetryError(`endpoint answered ${answer.status}`);
  await answer.text();
}
