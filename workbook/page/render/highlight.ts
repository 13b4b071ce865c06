import highlighter from "highlight.js/lib/core"
import bash from "highlight.js/lib/languages/bash"
import http from "highlight.js/lib/languages/http"
import json from "highlight.js/lib/languages/json"
import protobuf from "highlight.js/lib/languages/protobuf"
import sql from "highlight.js/lib/languages/sql"
import typescript from "highlight.js/lib/languages/typescript"
import xml from "highlight.js/lib/languages/xml"
import yaml from "highlight.js/lib/languages/yaml"

const languages = { bash, http, json, protobuf, sql, typescript, xml, yaml }
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language)

/** @returns HTML, or undefined for a language that is not known */
export function highlighted(code: string, language: string): string | undefined {
  return highlighter.getLanguage(language) ? highlighter.highlight(code, { language }).value : undefined
}
