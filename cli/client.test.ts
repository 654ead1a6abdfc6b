import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { operations } from '#node/api.ts'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { TrustError } from '#protocols/errors.ts'
import { connect } from './client.ts'

let dir: string
let socketPath: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-client-'))
  socketPath = join(dir, 'dfft.sock')
})
afterEach(() => rm(dir, { recursive: true }))

/** Something on the socket that is no node of ours. */
async function stranger(answer: RequestListener): Promise<AsyncDisposable> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('the client has a method for every operation of the table', () => {
  expect(Object.keys(connect(socketPath)).toSorted()).toEqual(Object.keys(operations).toSorted())
})

test('a refusal comes back as the error it was', async () => {
  const revoke = () => {
    throw new TrustError('DFFT_CONFLICT', 'it is revoked already', { index: 5, told: null })
  }
  await using _ = await serveAdmin(apiDouble({ revoke }), { socketPath, log: () => {} })
  const error = await connect(socketPath)
    .revoke({ id: 'x' })
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TrustError)
  expect(error).toMatchObject({ code: 'DFFT_CONFLICT', message: 'it is revoked already', facts: { index: 5, told: null } })
})

test('nothing on the socket is a node that does not run', async () => {
  await expect(connect(socketPath).status({})).rejects.toMatchObject({ code: 'DFFT_NOT_RUNNING', facts: { socket: socketPath, reason: 'ENOENT' } })
})

test.each<[what: string, answer: RequestListener, code: string]>([
  ['that is no JSON', (_request, response) => response.end('<html>'), 'DFFT_NOT_JSON'],
  ['that is JSON of another kind', (_request, response) => response.end('[1]'), 'DFFT_INTERNAL'],
  ['of a code this client does not know', (_request, response) => response.end('{"ok":false,"error":{"code":"DFFT_FUTURE","message":"m"}}'), 'DFFT_INTERNAL'],
  ['that breaks off', (request) => request.socket.destroy(), 'DFFT_CHANNEL_CLOSED'],
  [
    'that breaks off in its body',
    (_request, response) => response.writeHead(200, { 'content-length': 10 }).write('{', () => response.destroy()),
    'DFFT_CHANNEL_CLOSED',
  ],
])('an answer %s is an error with a code', async (_what, answer, code) => {
  await using _ = await stranger(answer)
  await expect(connect(socketPath).status({})).rejects.toMatchObject({ code })
})

test('an answer longer than 64 MiB is not taken in', async () => {
  const piece = Buffer.alloc(1 << 20, 0x20)
  await using _ = await stranger((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  })
  await expect(connect(socketPath).status({})).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
})
