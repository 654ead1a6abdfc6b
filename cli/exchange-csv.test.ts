import { expect, test } from 'vitest'
import type { OperationalRecord } from '#node/api/exchanges.ts'
import { apiDouble } from '#node/api-double.ts'
import { csvHead, csvLine } from './exchange-csv.ts'

const [record] = (await apiDouble().exchangeRecords({})).records

test('a line has a cell for each name in the head', () => {
  expect(csvLine(record as OperationalRecord).split(',')).toHaveLength(csvHead.split(',').length)
  expect(csvLine(record as OperationalRecord)).toContain('requested+0 received+40')
})

test('what a partner chose is neither a formula nor the end of a line', () => {
  const line = csvLine({ ...(record as OperationalRecord), purpose: '=1+2', code: 'a,"b"\r\nc' })
  expect(line).toContain(`,'=1+2,`)
  expect(line).toContain(',"a,""b""\r\nc",')
})
