/** The scan ends: thrown wherever a check would send something more. Never a defect of the check. */
export class Stopped extends Error {
  constructor() {
    super('the scan has ended');
    this.name = 'Stopped';
  }
}

/** The operation does not answer any more: thrown instead of waiting for it once again. */
export class Silent extends Error {
  readonly operation: string;
  constructor(operation: string) {
    super(`${operation} does not answer any more`);
    this.name = 'Silent';
    this.operation = operation;
  }
}

/** Nobody is there any more: thrown instead of asking on. */
export class Gone extends Error {
  constructor() {
    super('the API does not answer any more');
    this.name = 'Gone';
  }
}
