import { expect, test } from 'vitest'
import { type Code, codeOf } from '../errors.ts'
import { attribute, type Element, pathOf, stringOf } from './element.ts'
import { readXml } from './xml.ts'

function read(text: string): Element {
  return readXml(Buffer.from(text, 'utf8'))
}

function codeFor(input: string | Uint8Array): Code | 'accepted' {
  try {
    readXml(typeof input === 'string' ? Buffer.from(input, 'utf8') : input)
    return 'accepted'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

const cbc = 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'

test('a known namespace has its usual prefix, whatever the document calls it, and an unknown one cannot be taken for it', () => {
  expect(read(`<x:ID xmlns:x="${cbc}"/>`).name).toBe('cbc:ID')
  expect(read(`<ID xmlns="${cbc}"/>`).name).toBe('cbc:ID')
  expect(read('<cbc:ID xmlns:cbc="urn:other"/>').name).toBe('{urn:other}ID')
  expect(read(`<a xmlns="${cbc}"><b xmlns="" a="1"/></a>`).children[0]?.name).toBe('b')
})

test('text, references, CDATA and line ends are read as XML 1.0 has them', () => {
  const root = read(
    '\uFEFF<?xml version="1.0" encoding="utf-8"?>\r\n<!-- c --><a b="1&#10;2\n3" c=\'"\'> x&amp;&#x4EAC;\r\n<![CDATA[<&]]>]]&gt;<!-- in --> y<?p i?></a>\n',
  )
  expect(root.text).toBe(' x&京\n<&]]> y')
  expect([attribute(root, 'b'), attribute(root, 'c'), attribute(root, 'd')]).toEqual(['1\n2 3', '"', undefined])
})

test('white space around elements is no text, and white space alone in an element is', () => {
  const root = read('<a>\n  <b> </b>\n  <b/>\n</a>')
  expect(root.text).toBe('')
  expect(root.children.map(({ text }) => text)).toEqual([' ', ''])
  expect(stringOf(root)).toBe(' ')
  expect(root.children.map(pathOf)).toEqual(['/a/b[1]', '/a/b[2]'])
})

test.each<[string, string | Uint8Array, Code]>([
  ['a document type', '<!DOCTYPE a><a/>', 'DFFT_XML_DOCTYPE'],
  ['an entity that grows', '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;">]><a>&m;</a>', 'DFFT_XML_DOCTYPE'],
  ['an entity from a file', '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'DFFT_XML_DOCTYPE'],
  ['a document type in small letters', '<!doctype a><a/>', 'DFFT_XML_DOCTYPE'],
  ['an unknown entity', '<a>&nbsp;</a>', 'DFFT_XML'],
  ['an ampersand alone', '<a>a & b</a>', 'DFFT_XML'],
  ['a reference to no character', '<a>&#0;</a>', 'DFFT_XML'],
  ['a reference to half a character', '<a>&#xD800;</a>', 'DFFT_XML'],
  ['a reference beyond Unicode', '<a>&#x110000;</a>', 'DFFT_XML'],
  ['NUL', '<a>\u0000</a>', 'DFFT_XML'],
  ['a control character', '<a>\u0008</a>', 'DFFT_XML'],
  ['UTF-16', Buffer.from('\uFEFF<a/>', 'utf16le'), 'DFFT_XML_ENCODING'],
  ['UTF-16 without a mark', Buffer.from('<a/>', 'utf16le'), 'DFFT_XML_ENCODING'],
  ['another encoding declared', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'DFFT_XML_ENCODING'],
  ['bytes that are not UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]), 'DFFT_NOT_UTF8'],
  ['XML 1.1', '<?xml version="1.1"?><a/>', 'DFFT_XML'],
  ['a declaration out of order', '<?xml encoding="UTF-8" version="1.0"?><a/>', 'DFFT_XML'],
  ['nothing', '', 'DFFT_XML'],
  ['text alone', 'a', 'DFFT_XML'],
  ['two roots', '<a/><b/>', 'DFFT_XML'],
  ['text behind the root', '<a/>b', 'DFFT_XML'],
  ['an element that is not closed', '<a><b></a>', 'DFFT_XML'],
  ['an end without a beginning', '<a></b></a>', 'DFFT_XML'],
  ['a name that goes on', '<a></ab>', 'DFFT_XML'],
  ['a document that ends', '<a>', 'DFFT_XML'],
  ['a tag that ends', '<a b="1"', 'DFFT_XML'],
  ['an attribute twice', '<a b="1" b="2"/>', 'DFFT_XML'],
  ['an attribute twice by namespace', '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>', 'DFFT_XML'],
  ['an attribute without quotes', '<a b=1/>', 'DFFT_XML'],
  ['an attribute without a value', '<a b/>', 'DFFT_XML'],
  ['no blank between attributes', '<a b="1"c="2"/>', 'DFFT_XML'],
  ['a tag in an attribute', '<a b="<"/>', 'DFFT_XML'],
  ['a prefix nobody declared', '<x:a/>', 'DFFT_XML'],
  ['a prefix nobody declared, of an attribute', '<a x:b="1"/>', 'DFFT_XML'],
  ['a prefix that means nothing', '<a xmlns:x=""/>', 'DFFT_XML'],
  ['the prefix xml elsewhere', '<a xmlns:xml="urn:a"/>', 'DFFT_XML'],
  ['two colons', '<a:b:c xmlns:a="u"/>', 'DFFT_XML'],
  ['a digit first', '<1a/>', 'DFFT_XML'],
  ['a comment with two hyphens', '<a><!-- a -- b --></a>', 'DFFT_XML'],
  ['a comment that ends', '<a><!-- a </a>', 'DFFT_XML'],
  ['the end of CDATA in text', '<a>]]></a>', 'DFFT_XML'],
  ['an XML declaration inside', '<a><?xml version="1.0"?></a>', 'DFFT_XML'],
  ['an instruction that ends', '<a><?p </a>', 'DFFT_XML'],
  ['other markup', '<a><!ELEMENT b></a>', 'DFFT_XML'],
])('%s is refused', (_, input, code) => {
  expect(codeFor(input)).toBe(code)
})

test('a comment or CDATA that speaks of a document type declares none', () => {
  expect(codeFor('<a><!-- <!DOCTYPE a> --><![CDATA[<!ENTITY b>]]></a>')).toBe('accepted')
})

test('limits are refused by what was read, not after all of it', () => {
  expect(codeFor('<a>'.repeat(100_000))).toBe('DFFT_LIMIT')
  expect(codeFor(`<a>${'<b/>'.repeat(10)}</a>`)).toBe('accepted')
  const limits = { bytesMax: 100, depthMax: 2, elementsMax: 5, attributesMax: 2 }
  const small = (text: string) => {
    try {
      readXml(Buffer.from(text), limits)
      return 'accepted'
    } catch (thrown) {
      return codeOf(thrown)
    }
  }
  expect(['<a><b><c/></b></a>', '<a><b><c><d/></c></b></a>'].map(small)).toEqual(['accepted', 'DFFT_LIMIT'])
  expect([`<a>${'<b/>'.repeat(4)}</a>`, `<a>${'<b/>'.repeat(5)}</a>`].map(small)).toEqual(['accepted', 'DFFT_LIMIT'])
  expect(['<a b="1" c="2"/>', '<a b="1" c="2" d="3"/>'].map(small)).toEqual(['accepted', 'DFFT_LIMIT'])
  expect([`<a>${'x'.repeat(93)}</a>`, `<a>${'x'.repeat(94)}</a>`].map(small)).toEqual(['accepted', 'DFFT_LIMIT'])
  expect(codeFor(`<${'a'.repeat(513)}/>`)).toBe('DFFT_LIMIT')
})

test('a refusal says where', () => {
  expect(() => read('<a>\n  <b></c>\n</a>')).toThrow(expect.objectContaining({ facts: { line: 2, column: 6 } }))
})
