/** What messages say, in their order. */
export function bodiesOf<Body>(messages: readonly { body: Body }[]): Body[] {
  return messages.map((message) => message.body)
}
