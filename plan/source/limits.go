package source

// The limits. A file beyond one of them is refused with a sentence that names
// it; none of them is met by a plan that people wrote to be read.
const (
	// maxFile: a Word file full of photographs stays below it.
	maxFile = 64 << 20
	// maxText: ten times the longest five-year plan ever printed, and still read
	// within some seconds. It counts bytes of the text itself.
	maxText = 20 << 20
	// maxBlocks keeps the memory of a file of nothing but line ends in bounds.
	maxBlocks = 1_000_000
	// maxCells does the same for tables, where one short tag can ask for many cells.
	maxCells = 1_000_000
	// maxColumns is where a merged cell ends at the latest; Word itself stops at 63.
	maxColumns = 256

	// maxEntries: a docx has some dozens of parts and one for each picture.
	maxEntries = 2000
	// maxUnpacked counts bytes really unpacked, for zip says of itself what it likes.
	maxUnpacked = 64 << 20
	// maxRatio: XML of real documents packs to a tenth, seldom to a thirtieth.
	maxRatio = 100
	// ratioFrom: below this an unlucky ratio does no harm.
	ratioFrom = 1 << 20
	// maxDepth: Word's deepest nesting (tables in text boxes in tables) is about 60.
	maxDepth = 256

	// maxLabel: an automatic number is short; each paragraph repeats it.
	maxLabel = 64

	// maxPages and maxOperators bound what a pdf may draw.
	maxPages     = 2000
	maxOperators = 10_000_000
)

// budget is what is left of the limits while one document is read.
type budget struct {
	text, blocks, cells int
}

func newBudget() *budget { return &budget{text: maxText, blocks: maxBlocks, cells: maxCells} }

// block takes one block with n bytes of text.
func (b *budget) block(n int) error {
	b.blocks--
	b.text -= n
	switch {
	case b.text < 0:
		return refuse("文字超过 20 MB", "请拆成几个文件")
	case b.blocks < 0:
		return refuse("段落超过 100 万个", "请拆成几个文件")
	}
	return nil
}

// cell takes n cells.
func (b *budget) cell(n int) error {
	if b.cells -= n; b.cells < 0 {
		return refuse("表格超过 100 万个单元格", "请删去空行和空列，或拆成几个文件")
	}
	return nil
}

// refuse is an error for the reader of the message; Open adds the file's name.
func refuse(what, hint string) error { return &Refused{What: what, Hint: hint} }

// damaged says that a file cannot be unpacked.
func damaged() error {
	return refuse("文件已损坏", "请重新复制或下载，也可用 Word 或 WPS 打开后另存一份")
}

func cutOff() error { return refuse("文件不完整，中途断开", "请重新复制或下载") }

func saysNothing() error {
	return refuse("文件里没有文字", "请看看是不是选错了文件")
}
