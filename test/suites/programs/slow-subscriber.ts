import { openBroker } from "#waystation"

/** `slow-subscriber.ts <file>`: takes its time with each message of the topic "news", and looks at the file all the while. */
const [file = ""] = process.argv.slice(2)
const broker = openBroker(file)
broker.topic("news").subscribe("slow", () => new Promise((resolve) => setTimeout(resolve, 20)), { concurrency: 4 })
setInterval(() => broker.inspect(), 500)
console.log("ready")
