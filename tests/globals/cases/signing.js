// The keys are made for each run (tests/e2e/globals.test.mjs).
let { rsa, rsaPublic, rsaOld, ec, ecPublic, ecLocked, ed } = where.keys
crypto.createSign('RSA-SHA256').update('abc').sign(rsa, 'hex')
crypto.createSign('SHA1').update('a').update('bc').sign(rsa, 'base64')
crypto.createSign('sha512').update('abc').sign({ key: rsa }).toString('hex')
crypto.createSign('sha256').update('abc').sign(rsaOld, 'hex') === crypto.createSign('sha256').update('abc').sign(rsa, 'hex')
crypto.sign('sha256', Buffer.from('abc'), rsa).toString('hex')
crypto.sign(null, Buffer.from('abc'), ed).toString('hex')
crypto.createVerify('sha256').update('abc').verify(rsaPublic, crypto.createSign('sha256').update('abc').sign(rsa))
crypto.createVerify('sha256').update('abd').verify(rsaPublic, crypto.createSign('sha256').update('abc').sign(rsa))
crypto.createVerify('sha256').update('abc').verify(rsa, crypto.createSign('sha256').update('abc').sign(rsa, 'base64'), 'base64')
crypto.createVerify('sha256').update('abc').verify(ecPublic, crypto.createSign('sha256').update('abc').sign(ec))
crypto.createVerify('sha256').update('abc').verify(ecPublic, 'nonsense')
crypto.createVerify('sha256').update('abc').verify(ecPublic, crypto.createSign('sha256').update('abc').sign({ key: ecLocked, passphrase: 'secret' }))
crypto.createSign('sha256').update('abc').sign({ key: ec, dsaEncoding: 'ieee-p1363' }).length
crypto.createVerify('sha256').update('abc').verify({ key: ecPublic, dsaEncoding: 'ieee-p1363' }, crypto.createSign('sha256').update('abc').sign({ key: ec, dsaEncoding: 'ieee-p1363' }))
crypto.verify('sha256', Buffer.from('abc'), { key: rsaPublic, padding: crypto.constants.RSA_PKCS1_PSS_PADDING }, crypto.sign('sha256', Buffer.from('abc'), { key: rsa, padding: crypto.constants.RSA_PKCS1_PSS_PADDING }))
crypto.verify('sha256', Buffer.from('abc'), { key: rsaPublic, padding: 6, saltLength: 32 }, crypto.sign('sha256', Buffer.from('abc'), { key: rsa, padding: 6, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST }))
crypto.verify('sha256', Buffer.from('abc'), rsaPublic, crypto.sign('sha256', Buffer.from('abc'), { key: rsa, padding: 6 }))
new Promise(done => crypto.sign('sha256', Buffer.from('abc'), rsa, (error, made) => done([error, made.length])))
crypto.createSign('nope')
crypto.createSign('sha256').update('a').sign('no key')
crypto.createSign('sha256').update('a').sign()
crypto.createVerify('sha256').update('a').verify('no key', 'x')
crypto.createPrivateKey('secret')
crypto.createPrivateKey(rsaPublic).type
crypto.createPrivateKey(rsa).type
crypto.createPrivateKey(rsa).asymmetricKeyType
crypto.createPrivateKey(rsa).asymmetricKeyDetails
crypto.createPublicKey(ec).asymmetricKeyDetails
crypto.createPublicKey(crypto.createPrivateKey(ec)).type
crypto.createPublicKey(rsaPublic).export({ type: 'spki', format: 'pem' }) === rsaPublic
crypto.createSecretKey(Buffer.from('abc')).symmetricKeySize
crypto.createSecretKey('abc', 'utf8').export()
crypto.createSecretKey(Buffer.from('abc')).export({ format: 'jwk' })
crypto.createPrivateKey(ed).asymmetricKeyType
// Tokens
jsonwebtoken.sign({ a: 1, iat: 1700000000 }, 'secret')
jsonwebtoken.sign({ a: 1, iat: 1700000000 }, 'secret', { algorithm: 'HS512', issuer: 'me', expiresIn: '1h' })
jsonwebtoken.sign({ a: 1, iat: 1700000000 }, rsa, { algorithm: 'RS256', keyid: 'k' })
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1 }, ec, { algorithm: 'ES256', noTimestamp: true }), ecPublic)
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1, iat: 1 }, rsa, { algorithm: 'PS256' }), rsaPublic, { algorithms: ['PS256'] })
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1, iat: 1 }, rsa, { algorithm: 'RS512' }), rsaPublic)
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1 }, 'one'), 'other')
jsonwebtoken.verify('a.b.c', 'secret')
jsonwebtoken.verify(jsonwebtoken.sign({ exp: 1 }, 'secret'), 'secret')
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1 }, 'secret'), rsaPublic, { algorithms: ['HS256'] })
jsonwebtoken.verify(jsonwebtoken.sign({ a: 1 }, rsa, { algorithm: 'RS256' }), rsaPublic, { algorithms: ['HS256'] })
jsonwebtoken.sign({ a: 1 }, 'secret', { algorithm: 'RS256' })
jsonwebtoken.sign({ a: 1 }, undefined)
jsonwebtoken.decode(jsonwebtoken.sign({ a: 1, iat: 2 }, 'secret'), { complete: true })
new Promise(done => jsonwebtoken.sign({ a: 1, iat: 2 }, 'secret', (error, token) => done([error, token])))
new Promise(done => jsonwebtoken.verify('x', 'secret', error => done(error)))
