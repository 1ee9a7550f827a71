let url = require('url')
let qs = require('querystring')
let util = require('util')
let EventEmitter = require('events')
let assert = require('assert')
let parse = text => { let { href, protocol, auth, host, port, hostname, hash, search, query, pathname, path, slashes } = url.parse(text); return [href, protocol, auth, host, port, hostname, hash, search, query, pathname, path, slashes]; }
// The parser of old
parse('https://hooks.slack.com/services/<REDACTED>')
parse('https://User:Pa@HOST.com:8080/p/a/t/h?query=string#hash')
parse('http://example.com')
parse('http://example.com?x=1')
parse('https://example.com/a b"c`d{e}f|g^h\'i')
parse('https://example.com\\a\\b')
parse('//host/path')
parse('/just/path?q')
parse('mailto:a@b.c')
parse('')
parse('example.com')
parse('http://a.com/x#y?z')
parse('https://example.com:443/')
url.parse('http://a.com/?x=1&y=2', true).query
url.parse('//host/path', false, true).host
url.parse(5)
url.parse('http://a.com/x').href
url.format({ protocol: 'https', hostname: 'a.com', pathname: '/x', query: { a: 1 } })
url.format({ protocol: 'https:', host: 'a.com:8080', search: 'q=1', hash: 'h' })
url.format(new URL('https://a.b/c?d#e'))
url.resolve('https://a.com/b/c', '../d')
url.resolve('/one/two', 'three')
url.URL === URL
url.URLSearchParams === URLSearchParams
url.Url === undefined
url.urlToHttpOptions(new URL('https://u:p@a.com:81/x?y')).path
url.domainToASCII('español.com')
// querystring
qs.parse('a=1&b=2&a=3&c')
qs.parse('a=%20b+c&d=%zz')
qs.parse('a:1;b:2', ';', ':')
qs.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 })
qs.parse('')
qs.parse(null)
qs.parse('&&a=b&')
qs.parse('=x&y=')
qs.parse('__proto__=x')
qs.stringify({ a: 1, b: 'x y', c: [1, 'z'], d: true, e: null, f: undefined, g: {}, h: NaN, i: 5n })
qs.stringify({ a: 'b' }, ';', ':')
qs.stringify({ 'ä': '€&=' })
qs.stringify('x')
qs.stringify({})
qs.stringify({ a: [] })
qs.escape("a b!'()*~é")
qs.escape({})
qs.escape('\ud800')
qs.unescape('a%20b%zz')
qs.encode === qs.stringify
// util
util.format('%s %d %i %f %j %o %O %c %%', 'a', '5', '6.7', '7.8', { a: 1 }, 1, 2, 'css')
util.format('%s', null, undefined, 5n, Symbol('x'))
util.format('%d %d', 5n, {})
util.format('%x', 1)
util.format('a', 'b', { c: 1 })
util.format(1, 2, '3')
util.format('%s', { a: { b: { c: 1 } } })
util.format('%s', () => 1)
util.format('%s', class A {})
util.format('%s', new Date(0))
util.format('%s', -0)
util.format('%i', 'x')
util.format('%j', { toJSON() { return 'j' } })
util.format('100%')
util.format('%s')
util.format('%%', 1)
util.format('%%')
util.format()
util.promisify((a, callback) => callback(null, a + 1))(1)
util.promisify((callback) => callback(new Error('x')))()
util.promisify(setTimeout)(1, 'late')
util.promisify(5)
new Promise(done => util.callbackify(async x => x * 2)(4, (error, value) => done([error, value])))
(() => { function A() {} function B() {} util.inherits(A, B); return [new A() instanceof B, A.super_ === B] })()
util.isDeepStrictEqual({ a: [1, new Set([1])] }, { a: [1, new Set([1])] })
util.isDeepStrictEqual({ a: 1 }, { a: '1' })
util.isDeepStrictEqual(new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]]))
util.types.isDate(new Date())
util.types.isRegExp('x')
util.types.isPromise(Promise.resolve())
util.isArray([])
util.deprecate(() => 5, 'old')()
util.stripVTControlCharacters('\u001b[31mred\u001b[0m')
util.inherits.name
typeof util.TextEncoder
// events
(() => { let all = []; let e = new EventEmitter(); e.on('x', (...args) => all.push(args)); e.once('x', () => all.push('once')); return [e.emit('x', 1, 2), e.emit('x'), e.emit('y'), all] })()
(() => { let e = new EventEmitter(); e.emit('error', new Error('boom')) })()
(() => { let e = new EventEmitter(); let f = () => {}; e.on('a', f); e.off('a', f); return [e.listenerCount('a'), e.eventNames()] })()
EventEmitter.EventEmitter === EventEmitter
require('events').once(Object.assign(new EventEmitter(), {}), 'x') instanceof Promise
// string_decoder
(() => { let { StringDecoder } = require('string_decoder'); let d = new StringDecoder('utf8'); return [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac])), d.end()] })()
// assert
assert(true)
assert(0, 'why')
assert.equal(1, '1')
assert.strictEqual(1, 1)
assert.deepStrictEqual({ a: [1] }, { a: [1] })
assert.deepEqual({ a: 1 }, { a: 2 }, 'differs')
assert.throws(() => { throw new Error('x') })
assert.throws(() => {}, 'must throw')
assert.fail('no')
(() => { try { assert.equal(1, 2, 'm') } catch (e) { return [e.name, e.code, e.actual, e.expected, e.operator] } })()
// require
require('node:util') === util
require('util') === util
require('https') === https
require('node:crypto') === crypto
require('lodash') === _
require('moment') === moment || typeof require('moment')
require('uuid').v5('www.example.org', require('uuid').v5.DNS)
require('uuid').validate(require('uuid').v4())
require('timers').setTimeout === setTimeout
typeof require('stream').Readable
(() => { try { require('no-such-module') } catch (e) { return [e.code, e.message.split('\n')[0]] } })()
require('')
