import { describe } from 'vitest'
import { identifiersContract } from './identifiers.contract.ts'
import { memoryIdentity } from './memory-identity.ts'

describe('identifiers without Veramo', () => identifiersContract(memoryIdentity))
