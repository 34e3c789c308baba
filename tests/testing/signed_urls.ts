/** Signs paths as object storage does, and knows which signatures still count. */
export class SignedUrls {
  readonly #uses: number;
  readonly #left = new Map<string, number>();
  #count = 0;

  constructor(uses: number) {
    this.#uses = uses;
  }

  sign(path: string): string {
    const target = `${path}?X-Fake-Signature=secret-${++this.#count}`;
    this.#left.set(target, this.#uses);
    return target;
  }

  use(target: string): boolean {
    const left = this.#left.get(target) ?? 0;
    this.#left.set(target, left - 1);
    return left > 0;
  }

  expire(): void {
    this.#left.clear();
  }
}
