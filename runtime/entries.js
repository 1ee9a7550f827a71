/* SPDX-License-Identifier: MIT */

// The end of the runtime: everything is used once, then the host gets what it calls.

// Nothing may load lazily once the files are out of reach.
function warmUp() {
    const some = new Date(0);
    some.toString();
    some.toLocaleString('de', { timeZone: 'Europe/Berlin', timeZoneName: 'long' });
    (1234.5).toLocaleString('fr');
    new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(1);
    new Intl.PluralRules('ar').select(3);
    new Intl.RelativeTimeFormat('en').format(1, 'day');
    new Intl.ListFormat('en').format(['a', 'b']);
    new Intl.DisplayNames('en', { type: 'region' }).of('DE');
    [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')].length;
    Intl.supportedValuesOf?.('timeZone');
    'ä'.localeCompare('z');
    'ǆ'.normalize('NFKD').toLocaleUpperCase('tr');
    /\p{L}+(?<=a)/u.exec('äb a');
    new URL('https://a.example/b?c=d#e').searchParams.get('c');
    inspect({ a: [1, { b: new Map() }] });
    describe(new Error('x'));
    BigInt(2) ** 70n;
    JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}]}'));
    return Promise.resolve().then(() => btoa(atob('YQ==')));
}

if (isFirst)
    warmUp();
if (typeof WebAssembly !== 'undefined' || typeof SharedArrayBuffer !== 'undefined')
    throw new Error('WebAssembly or SharedArrayBuffer is there, which the options should have removed');

return {
    load,
    invoke,
    answer,
    cancel,
    timer: id => timers.get(id)?.fire(),
};
