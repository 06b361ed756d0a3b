package source

import (
	"fmt"
	"strings"
)

const bookNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

func sheetXML(rows string, more ...string) string {
	return `<worksheet ` + bookNS + `><sheetData>` + rows + `</sheetData>` + strings.Join(more, "") + `</worksheet>`
}

// xlsx packs sheets with the shared texts and styles that the tests use.
func xlsx(sheets ...string) []byte {
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	var list, rels strings.Builder
	parts := []string{"_rels/.rels", strings.ReplaceAll(packageRels, "word/document.xml", "xl/workbook.xml")}
	for i, s := range sheets {
		state := ""
		if strings.Contains(s, "<!--hidden-->") {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&list, `<sheet name="表%d" sheetId="%d" r:id="rId%d"%s/>`, i+1, i+1, i+1, state)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, office, i+1)
		parts = append(parts, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s)
	}
	parts = append(parts,
		"xl/workbook.xml", `<workbook `+bookNS+`><sheets>`+list.String()+`</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships>`+rels.String()+`<Relationship Id="rS" Type="`+office+`sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rT" Type="`+office+`styles" Target="/xl/styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst `+bookNS+`><si><t>任务</t></si><si><r><t>责任</t></r><r><rPr/><t xml:space="preserve">部门 </t></r><rPh><t>zeren</t></rPh></si></sst>`,
		"xl/styles.xml", `<styleSheet `+bookNS+`><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="177" formatCode="[$-804]m&quot;月&quot;底"/><numFmt numFmtId="178" formatCode="0&quot;次&quot;"/></numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="14"/><xf numFmtId="177"/><xf numFmtId="9"/><xf numFmtId="178"/><xf numFmtId="57"/></cellXfs></styleSheet>`)
	return zipOf(parts...)
}
