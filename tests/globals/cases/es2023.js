// What Node has since version 20
[3, 1, 2].toSorted()
[1, 2, 3].toSpliced(1, 1, 'x')
[1, 2].with(0, 5)
'a\ud800'.toWellFormed()
[1, 2].toReversed()
'a'.isWellFormed()
/[\p{L}--[a-z]]/v.test('A')
