// SPDX-License-Identifier: MIT
// What a value is, as text that two engines write alike: given to both sides of the
// comparison. Errors are their class, code and message.

function showMembers(value, show) {
  return Object.keys(value).map((key) => `${JSON.stringify(key)}: ${show(value[key])}`).join(', ');
}

function showObject(value, show) {
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]')
    {
    const text = String(value).replace(` [${value.code}]`, ''); // some versions of Node have it there too

    return `${text}${value.code === undefined ? '' : ` [${value.code}]`}`;
  }
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${[...new Uint8Array(value)]})`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `${value.constructor.name}(${[...value]})`;
  if (value instanceof Map) return `Map(${[...value].map(([key, one]) => `${show(key)} => ${show(one)}`).join(', ')})`;
  if (value instanceof Set) return `Set(${[...value].map(show).join(', ')})`;
  if (Array.isArray(value)) return `[${Array.from(value, show).join(', ')}]`;
  return `{${showMembers(value, show)}}`;
}

function showValue(value) {
  const seen = new Set();
  const show = (one) => {
    if (typeof one === 'string') return JSON.stringify(one);
    if (typeof one === 'bigint') return `${one}n`;
    if (typeof one === 'function') return 'function';
    if (typeof one !== 'object' || one === null) return Object.is(one, -0) ? '-0' : String(one);
    if (seen.has(one)) return '(again)';
    seen.add(one);
    const text = showObject(one, show);
    seen.delete(one);
    return text;
  };

  return show(value);
}

const NEVER_MS = 3000;

// A turn of the loop first: no case holds up another, nor counts against one slice.
async function showOutcome(work) {
  await new Promise((resolve) => setTimeout(resolve, 0));
  let timer;
  const never = new Promise((resolve, reject) => { timer = setTimeout(() => reject('never settles'), NEVER_MS); });

  try {
    return showValue(await Promise.race([(async () => work())(), never]).finally(() => clearTimeout(timer)));
  } catch (thrown) {
    return `throws ${showValue(thrown)}`;
  }
}
