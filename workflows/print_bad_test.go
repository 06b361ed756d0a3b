package workflows_test
import ("testing";"os";"path/filepath";"fmt";"strings";"duban/workflows")
func TestPrintBad(t *testing.T){
 fs,_:=filepath.Glob("testdata/bad/*.yaml")
 for _,f:=range fs { dir:=t.TempDir(); b,_:=os.ReadFile(f); p:=filepath.Join(dir,filepath.Base(f)); os.WriteFile(p,b,0o644)
 _,fa:=workflows.LoadDir(dir)
 n:=strings.TrimSuffix(filepath.Base(f),".yaml")
 for _,x:=range fa{ fmt.Printf("@@%s\t%s\n",n,strings.TrimPrefix(x.Error(),p+":"))}}
}
