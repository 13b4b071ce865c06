// ko: 거절까지 재시도한다
// en: Tries refusals again, too
// caught by: [9]
export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }

/** Task 9. The key stands for the order, not for the attempt: it is made once, before the first. */
export async function placeOrder(url: string, draft: Draft, attemptsMax: number): Promise<string> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const response = await fetch(`${url}/orders`, { method: "POST", headers, body: JSON.stringify(draft) }).catch(() => undefined)
    if (response?.status === 201) return response.headers.get("Location") ?? ""
  }
  throw new Error(`No answer in ${attemptsMax} attempts.`)
}
