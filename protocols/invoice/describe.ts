/** What to tell a person of a rule that failed: from the form of its condition, where the rule has no words of its own. */
import type { Condition } from './condition.ts'
import type { Rule } from './ruleset.ts'

export interface Description {
  readonly message: string
  readonly advice: string
}

const general = 'Correct the document at this place and validate again; the rule is explained by the authority that published it.'
const known = new WeakMap<Rule, Description>()

export function describe(rule: Rule): Description {
  const description = known.get(rule) ?? made(rule)
  known.set(rule, description)
  return description
}

function made({ test, says }: Rule): Description {
  const { message, advice } = ofForm(test)
  return { message: says ?? message, advice }
}

function ofForm(test: Condition): Description {
  if ('lacks' in test)
    return { message: `\`${test.lacks}\` must not stand here`, advice: 'Remove it, or move what it says to where the profile has a place for it.' }
  if ('has' in test) return { message: `\`${test.has}\` is missing`, advice: 'Add it.' }
  if ('filled' in test) return { message: `\`${test.filled}\` is missing, empty, or there more than once`, advice: 'Give it one value.' }
  if ('count' in test && test.atMost !== undefined && test.atLeast === undefined)
    return { message: `\`${test.count}\` stands here more than ${test.atMost === 1 ? 'once' : `${test.atMost} times`}`, advice: 'Keep the one that counts.' }
  if ('places' in test)
    return { message: `\`${test.places}\` has more than ${test.atMost} digits after the point`, advice: 'Round it, and check that the totals still add up.' }
  if ('listed' in test) return { message: `\`${test.listed}\` is not a code of the list ${test.list}`, advice: 'Use a code of the list.' }
  return { message: 'the rule does not hold', advice: general }
}
