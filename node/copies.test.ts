/** A credential about a person: many copies, each shown once, and nothing by which two could be joined. */
import { expect, test } from 'vitest'
import { ThreeNodes } from '#test-network/fixture.ts'
import { issueNurse, nurse, showNurse } from './copies.fixture.ts'

test('a nurse’s qualification is issued as copies, delivered, and shown in part to an authority abroad', async () => {
  await using net = await ThreeNodes.start()
  const { issued, held } = await issueNurse(net)
  const [at] = (await net.biz.node.credentialList({ role: 'held' })).credentials
  expect(at).toMatchObject({ id: held, subject: null, status: 'valid', copies: { holder: net.biz.did, total: 10, left: 10 } })
  const shown = await showNurse(net, held)
  expect([shown.state, shown.code]).toEqual(['closed', null])
  expect(shown.withheld.map(({ path }) => path).sort()).toEqual(['/birthDate', '/extension', '/recognition'])
  const [received] = (await net.de.node.credentialList({ role: 'received' })).credentials
  expect(received).toMatchObject({ subject: null, status: 'valid', copies: null, title: '看護師 – 佐藤　花子' })
  const { claims } = await net.de.node.credentialShow({ id: received!.id })
  const { birthDate, recognition, extension, ...rest } = nurse
  expect(claims).toEqual(rest)
  expect((await net.biz.node.credentialShow({ id: held })).credential.copies?.left).toBe(9)
  expect((await net.jp.node.credentialShow({ id: issued })).credential.copies?.left).toBe(10)
})
