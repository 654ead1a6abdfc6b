import type { Story } from './demo-story.ts'
export function reportOf(story: Story): string {
  return `<pre>${JSON.stringify(story, null, 1)}</pre>`
}
