// ko: 시도할 때마다 키를 새로 만든다. 응답만 사라진 주문이 두 건이 된다
// en: Makes a key for each attempt: where only the answer was lost, there are two orders
// caught by: [9]
export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }

/** Task 9. The key stands for the order, not for the attempt: it is made once, before the first. */
export async function placeOrder(url: string, draft: Draft, attemptsMax: number): Promise<string> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }
    const response = await fetch(`${url}/orders`, { method: "POST", headers, body: JSON.stringify(draft) }).catch(() => undefined)
    if (response?.status === 201) return response.headers.get("Location") ?? ""
    // What the client did wrong it would do wrong again; no answer, or one from 500 on, may turn out better.
    if (response && response.status < 500) throw new Error(`The order was refused: ${response.status}`)
  }
  throw new Error(`No answer in ${attemptsMax} attempts.`)
}
