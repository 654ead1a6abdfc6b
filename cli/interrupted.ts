/** The operator pressed Ctrl-C at a question: no error to tell, exit 130. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}
