/* SPDX-License-Identifier: MIT */

// Dates in the spellings that Node reads and the engine does not: what webhooks send, such
// as "2020-01-02 10:00:00 UTC". Only a text that the engine refuses is looked at here.

const NativeDate = Date;

const CLOCK = String.raw`(?:[T\s]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.:](\d+))?)?)?`;
const ZONE = String.raw`\s*(AM|PM)?\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?)?`;
const YEAR_FIRST = new RegExp(String.raw`^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${CLOCK}${ZONE}\s*$`, 'i');
const MONTH_FIRST = new RegExp(String.raw`^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})${CLOCK}${ZONE}\s*$`, 'i');
/** With a T only as the standard has it, but for days that the month does not have. */
const STRICT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;
const MONTH_ALONE = /^\s*([a-z]{3,})\.?\s+(\d{4})\s*$/i;

/** 12 AM is midnight; NaN when it is no such hour. */
function hourOf(hour, half) {
    if (!half)
        return hour;
    return hour < 1 || hour > 12 ? NaN : hour % 12 + (/p/i.test(half) ? 12 : 0);
}

/** @parts: [year, month, day, …clock, …zone] as they were written. */
function timeOf([year, month, day, hour = 0, minute = 0, second = 0, fraction = '', half, utc, sign, ahead = 0, ahead2 = 0], isDate) {
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 59)
        return NaN;
    const fields = [+year, month - 1, +day, hourOf(+hour, half), +minute, +second, +fraction.padEnd(3, '0').slice(0, 3)];
    if (!utc && !sign && !isDate)
        return new NativeDate(...fields).getTime();
    return NativeDate.UTC(...fields) - (sign === '-' ? -1 : 1) * (ahead * 60 + +ahead2) * 60000;
}

function readDate(text) {
    if (/\dT/.test(text) && !STRICT.test(text))
        return NaN;
    const yearFirst = YEAR_FIRST.exec(text);
    if (yearFirst)
        return timeOf(yearFirst.slice(1), /^\d{4}-\d\d-\d\d$/.test(text));
    const [, month, day, year, ...rest] = MONTH_FIRST.exec(text) ?? [];
    if (year)
        return timeOf([year, month, day, ...rest], false);
    const [, name, alone] = MONTH_ALONE.exec(text) ?? [];
    return name ? NativeDate.parse(`${name} 1, ${alone}`) : NaN;
}

const parseDate = NativeDate.parse;

function parseAnyDate(text) {
    const time = parseDate(text);
    return time === time ? time : readDate(text);
}

const AnyDate = { Date: function (...given) {
    if (!new.target)
        return NativeDate();
    if (given.length === 1 && typeof given[0] === 'string')
        given[0] = parseAnyDate(given[0]);
    return Reflect.construct(NativeDate, given, new.target);
} }.Date;
Object.defineProperty(AnyDate, 'length', { value: 7, configurable: true });
Object.defineProperty(AnyDate, 'prototype', { value: NativeDate.prototype, writable: false });
for (const [name, value] of Object.entries({
    parse: { parse: text => parseAnyDate(String(text)) }.parse, now: NativeDate.now, UTC: NativeDate.UTC,
}))
    Object.defineProperty(AnyDate, name, { value, writable: true, configurable: true });
Object.defineProperty(NativeDate.prototype, 'constructor', { value: AnyDate, writable: true, configurable: true });
define('Date', AnyDate);
