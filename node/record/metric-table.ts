/**
 * The one table of metrics: what a node tells a monitoring system, each family once. Alert rules, the dashboard and docs/monitoring.md are
 * held against it. Labels take few values: no DIDs, no ids, no purposes.
 */
import type { ExchangeState } from '#node/api/exchanges.ts'

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
}

export const metricTable = {
  dfft_info: { type: 'gauge', labels: ['version'], help: '1, with the version that runs.' },
  dfft_acts_total: { type: 'counter', labels: ['kind', 'code'], help: 'Acts in the audit log since this process began, by kind and code.' },
  dfft_decisions_total: {
    type: 'counter',
    labels: ['role', 'verdict'],
    help: 'Decisions that ended in asking or denying (requester), in releasing or refusing (holder), since this process began.',
  },
  dfft_exchange_seconds: {
    type: 'histogram',
    labels: ['role', 'le'],
    help: 'From asking to the verified answer (requester), from the release to its receipt (holder).',
  },
  dfft_exchanges_open: { type: 'gauge', labels: ['role', 'state'], help: 'Exchanges that are not over; `pending` waits for a person.' },
  dfft_log_entries: { type: 'gauge', labels: [], help: 'Entries of the audit log on disk.' },
  dfft_log_unwitnessed_entries: { type: 'gauge', labels: [], help: 'Entries not yet under a checkpoint that a partner co-signed.' },
  dfft_log_queue: { type: 'gauge', labels: [], help: 'Acts that wait for the disk.' },
  dfft_log_refuses: { type: 'gauge', labels: [], help: '1 once the disk refused a record: then nothing is released.' },
  dfft_receipts_owed: { type: 'gauge', labels: [], help: 'Releases whose receipt is owed.' },
  dfft_partners_connected: { type: 'gauge', labels: [], help: 'Partners bound at this moment.' },
  dfft_island: { type: 'gauge', labels: [], help: '1 while no partner has been heard for longer than the configuration allows.' },
  dfft_policies_in_force: { type: 'gauge', labels: [], help: 'Policies in force, of all jurisdictions held.' },
  dfft_lapse_timestamp_seconds: {
    type: 'gauge',
    labels: ['kind'],
    help: 'When the first of what this node relies on ends by itself, by kind: anchor, accreditation, agreement, suspensions (how old they may be), policy, status-list, bundle, own-accreditation, token.',
  },
  dfft_signing_key_start_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Since when the key that signs is in force; not there where the DID keeps no history, and its key cannot be changed.',
  },
  dfft_key_unusable: { type: 'gauge', labels: [], help: '1 after a rotation whose new key cannot be used: nothing is signed until the node starts anew.' },
  dfft_status_lists: { type: 'gauge', labels: ['state'], help: 'Status lists of others that are held: fresh, or too old to be believed.' },
  dfft_duties_overdue: { type: 'gauge', labels: [], help: 'Duties that are past their day and not carried out; counted to 1,000.' },
  dfft_breaches_suspected: { type: 'gauge', labels: [], help: 'Duties that somebody says were broken; counted to 1,000.' },
  dfft_data_key_troubles: { type: 'gauge', labels: [], help: 'What the last start found wrong with the keys of received data.' },
  dfft_webhook_queue: { type: 'gauge', labels: [], help: 'Entries of the log that the slowest webhook has not come to.' },
  dfft_webhook_dead_letters: { type: 'gauge', labels: [], help: 'Events that were given up.' },
  dfft_webhook_deliveries_total: { type: 'counter', labels: ['outcome'], help: 'Attempts to deliver an event since this process began: delivered or failed.' },
  dfft_disk_free_bytes: { type: 'gauge', labels: [], help: 'What this user may still write on the disk of the node’s folder.' },
  dfft_disk_size_bytes: { type: 'gauge', labels: [], help: 'Of the disk of the node’s folder.' },
  process_cpu_seconds_total: { type: 'counter', labels: [], help: 'CPU time of this process.' },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Memory of this process.' },
  process_start_time_seconds: { type: 'gauge', labels: [], help: 'When this process began, since the epoch.' },
  process_open_fds: { type: 'gauge', labels: [], help: 'Open files and connections of this process.' },
  nodejs_heap_size_used_bytes: { type: 'gauge', labels: [], help: 'Of the JavaScript heap.' },
  nodejs_eventloop_lag_max_seconds: { type: 'gauge', labels: [], help: 'The longest that the event loop was held up since the scrape before.' },
} as const satisfies Readonly<Record<string, Family>>

export type MetricName = keyof typeof metricTable

/** States that an exchange can be open in; each is told, also where there is none, so that an alert finds its series. */
export const toldStates: readonly ExchangeState[] = ['drafted', 'offered', 'requested', 'agreed', 'pending', 'released', 'receipted', 'disputed']

/** Values of this moment, by their labels. */
export interface Reading {
  readonly name: MetricName
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]
}
