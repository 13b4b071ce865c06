declare module "aasvg/text2svg.js" {
  export function diagramToSVG(text: string, options: Readonly<Record<string, unknown>>): string
}
