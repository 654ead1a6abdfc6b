/** Where the members of our credential types stand in the models of others: tables of facts, a row an element, kept beside each type. */
import businessRegistration from './business-registration/mappings.json' with { type: 'json' }
import despatch from './despatch/mappings.json' with { type: 'json' }
import electronicInvoice from './electronic-invoice/mappings.json' with { type: 'json' }
import order from './order/mappings.json' with { type: 'json' }
import powerOfAttorney from './power-of-attorney/mappings.json' with { type: 'json' }
import qualification from './qualification/mappings.json' with { type: 'json' }
import settlement from './settlement/mappings.json' with { type: 'json' }

export interface MappingRow {
  /** JSON Pointer into the subject; places in arrays are left out. */
  readonly ours: string
  /** By name of the element, with the class or element that it is in where the name alone is ambiguous. */
  readonly theirs: string
  readonly note?: string
}

export interface MappingTable {
  readonly id: string
  /** Name and version of the model. */
  readonly to: string
  readonly source: string
  /** Where its definition lies among published vectors. */
  readonly vectors?: { readonly folder: string; readonly file: string; readonly kind: string }
  readonly rows: readonly MappingRow[]
}

export interface Mapping {
  /** As in names of context and schema. */
  readonly type: string
  readonly tables: readonly MappingTable[]
}

export const mappings: readonly Mapping[] = [businessRegistration, qualification, powerOfAttorney, electronicInvoice, order, despatch, settlement]
