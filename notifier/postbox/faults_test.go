package postbox_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/smtp"
	"net/textproto"
	"testing"
	"time"

	"duban/notifier/postbox"
)

// dial opens a conversation that gives up after a while, as a sender with
// deadlines does.
func dial(t *testing.T, b *postbox.Box, patience time.Duration) (*smtp.Client, error) {
	t.Helper()
	c, err := net.Dial("tcp", b.MailAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return smtp.NewClient(c, "localhost")
}

// converse says everything up to the dot and tells at which step it went wrong.
func converse(t *testing.T, b *postbox.Box, patience time.Duration, auth smtp.Auth) (postbox.Step, error) {
	t.Helper()
	c, err := dial(t, b, patience)
	if err != nil {
		return postbox.StepBanner, err
	}
	if err := c.Hello("sender"); err != nil {
		return postbox.StepHello, err
	}
	if auth != nil {
		if err := c.Auth(auth); err != nil {
			return postbox.StepAuth, err
		}
	}
	if err := c.Mail("a@b.example"); err != nil {
		return postbox.StepMail, err
	}
	if err := c.Rcpt("c@d.example"); err != nil {
		return postbox.StepRcpt, err
	}
	w, err := c.Data()
	if err != nil {
		return postbox.StepData, err
	}
	w.Write([]byte(sample))
	if err := w.Close(); err != nil {
		return postbox.StepDot, err
	}
	return "", nil
}

func TestEveryMailFaultStrikesWhereItIsScripted(t *testing.T) {
	steps := []postbox.Step{postbox.StepBanner, postbox.StepHello, postbox.StepAuth, postbox.StepMail,
		postbox.StepRcpt, postbox.StepData, postbox.StepDot}
	faults := map[string]postbox.Fault{
		"busy":    {Do: postbox.Reply, Code: 451},
		"refused": {Do: postbox.Reply, Code: 554, Text: "not today"},
		"dropped": {Do: postbox.Drop},
		"hanging": {Do: postbox.Hang},
	}
	for _, step := range steps {
		for name, f := range faults {
			t.Run(string(step)+" "+name, func(t *testing.T) {
				t.Parallel()
				b := opened(t, postbox.Options{User: "duban", Password: "secret"})
				f.Step = step
				n := 1
				if step == postbox.StepHello && f.Do == postbox.Reply {
					n = 2 // a refused EHLO is followed by HELO
				}
				b.Faults().Next(n, f)
				patience := 10 * time.Second
				if f.Do == postbox.Hang {
					patience = 200 * time.Millisecond
				}
				auth := smtp.PlainAuth("", "duban", "secret", "localhost")
				at, err := converse(t, b, patience, auth)
				if at != step || err == nil {
					t.Errorf("went wrong at %q with %v, want %q", at, err, step)
				}
				if code := smtpCode(err); code != f.Code {
					t.Errorf("answered %d (%v), want %d", code, err, f.Code)
				}
				if mail, _ := count(t, b); mail != 0 {
					t.Errorf("%d mails kept, want none", mail)
				}
				if left := b.Faults().Left(); left != 0 {
					t.Errorf("%d faults left", left)
				}
				if at, err := converse(t, b, 10*time.Second, auth); err != nil {
					t.Errorf("after the fault: %v at %q", err, at)
				}
			})
		}
	}
}

func TestAConversationGoesOnAfterARefusalAtDATA(t *testing.T) {
	b := opened(t, postbox.Options{})
	b.Faults().Next(2, postbox.Fault{Step: postbox.StepData, Do: postbox.Reply, Code: 452, Text: "full"})
	c, err := dial(t, b, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{452, 452, 0, 0} {
		if err := transaction(c); smtpCode(err) != want || (want == 0 && err != nil) {
			t.Errorf("mail %d: %v, want code %d", i, err, want)
		}
		if want != 0 {
			if err := c.Reset(); err != nil {
				t.Fatalf("RSET after the refusal: %v", err)
			}
		}
	}
	if mail, _ := count(t, b); mail != 2 {
		t.Errorf("%d mails kept, want 2", mail)
	}
}

func TestAMailMayBeKeptWithoutAnAnswer(t *testing.T) {
	for name, f := range map[string]postbox.Fault{
		"dropped":      {Do: postbox.Drop},
		"hanging":      {Do: postbox.Hang},
		"answered 451": {Do: postbox.Reply, Code: 451},
	} {
		t.Run(name, func(t *testing.T) {
			b := opened(t, postbox.Options{})
			f.Step, f.Keep = postbox.StepDot, true
			b.Faults().Next(1, f)
			if at, err := converse(t, b, 300*time.Millisecond, nil); at != postbox.StepDot || smtpCode(err) != f.Code {
				t.Errorf("%v at %q, want code %d at the dot", err, at, f.Code)
			}
			if mail, _ := count(t, b); mail != 1 {
				t.Errorf("%d mails kept, want 1", mail)
			}
		})
	}
}

func TestAHangingConversationEndsWithTheBox(t *testing.T) {
	for _, step := range []postbox.Step{postbox.StepBanner, postbox.StepMail, postbox.StepRobot} {
		t.Run(string(step), func(t *testing.T) {
			b := opened(t, postbox.Options{})
			b.Faults().Next(1, postbox.Fault{Step: step, Do: postbox.Hang})
			ended := make(chan error, 1)
			go func() {
				var err error
				if step == postbox.StepRobot {
					_, err = postTo(t.Context(), b, "key-1", say("text", "x"))
				} else {
					err = send(b, "zhao@college.example")
				}
				ended <- err
			}()
			for b.Faults().Left() > 0 {
				time.Sleep(time.Millisecond)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-ended:
				if err == nil {
					t.Error("it ended well")
				}
			case <-time.After(10 * time.Second):
				t.Error("it still hangs")
			}
		})
	}
}

func TestFaultsAreASequenceThatCanBeCleared(t *testing.T) {
	b := opened(t, postbox.Options{})
	b.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 450})
	b.Faults().Next(2, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550})
	b.Faults().Next(9, postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 421})
	if n := b.Faults().Left(); n != 12 {
		t.Errorf("%d left, want 12", n)
	}
	b.Faults().Clear()
	if err := send(b, "zhao@college.example"); err != nil {
		t.Errorf("after Clear: %v", err)
	}
	b.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 450})
	b.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550})
	for _, want := range []int{450, 550, 0} {
		if err := send(b, "zhao@college.example"); smtpCode(err) != want {
			t.Errorf("answered %v, want %d", err, want)
		}
	}
}

// loginAuth is the sender's side of AUTH LOGIN.
type loginAuth struct{ user, password string }

func (a loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a loginAuth) Next(challenge []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case string(challenge) == "Username:":
		return []byte(a.user), nil
	}
	return []byte(a.password), nil
}

func TestOnlyTheConfiguredUserMaySend(t *testing.T) {
	b := opened(t, postbox.Options{User: "duban", Password: "secret"})
	cases := []struct {
		name string
		auth smtp.Auth
		at   postbox.Step
		code int
	}{
		{"plain", smtp.PlainAuth("", "duban", "secret", "localhost"), "", 0},
		{"login", loginAuth{"duban", "secret"}, "", 0},
		{"wrong password", smtp.PlainAuth("", "duban", "guess", "localhost"), postbox.StepAuth, 535},
		{"wrong user", loginAuth{"root", "secret"}, postbox.StepAuth, 535},
		{"nobody", nil, postbox.StepMail, 530},
		{"unknown mechanism", smtp.CRAMMD5Auth("duban", "secret"), postbox.StepAuth, 504},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if at, err := converse(t, b, 10*time.Second, c.auth); at != c.at || smtpCode(err) != c.code {
				t.Errorf("%v at %q, want %d at %q", err, at, c.code, c.at)
			}
		})
	}
	if mail, _ := count(t, b); mail != 2 {
		t.Errorf("%d mails kept, want 2", mail)
	}
}

func TestAnInitialResponseNamesTheLoginUser(t *testing.T) {
	b := opened(t, postbox.Options{User: "duban", Password: "secret"})
	c, err := textproto.Dial("tcp", b.MailAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, step := range []struct {
		say  string
		want int
	}{{"", 220}, {"EHLO sender", 250}, {"AUTH LOGIN ZHViYW4=", 334}, {"c2VjcmV0", 235}} {
		if step.say != "" {
			if err := c.PrintfLine("%s", step.say); err != nil {
				t.Fatal(err)
			}
		}
		if _, words, err := c.ReadResponse(step.want); err != nil {
			t.Fatalf("%s: %v %s", step.say, err, words)
		}
	}
}

func testTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: roots, ServerName: "localhost"}
}

func TestSTARTTLSIsOfferedUnlessHidden(t *testing.T) {
	server, client := testTLS(t)
	b := opened(t, postbox.Options{TLS: server})
	b.Faults().Next(1, postbox.Fault{Step: postbox.StepTLS})
	for i, want := range []bool{false, true} {
		c, err := dial(t, b, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if offered, _ := c.Extension("STARTTLS"); offered != want {
			t.Fatalf("connection %d: STARTTLS offered %v, want %v", i, offered, want)
		}
		if want {
			if err := c.StartTLS(client); err != nil {
				t.Fatal(err)
			}
		}
		if err := transaction(c); err != nil {
			t.Errorf("connection %d: %v", i, err)
		}
	}
	b.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550})
	c, err := dial(t, b, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StartTLS(client); err != nil {
		t.Fatal(err)
	}
	if err := transaction(c); smtpCode(err) != 550 {
		t.Errorf("a fault under TLS: %v, want 550", err)
	}
	if mail, _ := count(t, b); mail != 2 {
		t.Errorf("%d mails kept, want 2", mail)
	}
}
