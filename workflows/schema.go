package workflows

import _ "embed"

//go:embed workflow.schema.json
var schema []byte

// Schema is the JSON Schema of definitions, for editors. It knows keys and
// words; names, expressions and states are checked by [Load].
func Schema() []byte { return append([]byte(nil), schema...) }
