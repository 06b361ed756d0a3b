package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"duban/engine/fault"
)

const hidden = "<secret>"

// Secret is a password or key. However it is printed, logged or encoded, it
// shows as <secret>; only Reveal gives it away.
type Secret string

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String is <secret>.
func (s Secret) String() string { return hidden }

// GoString is <secret>.
func (s Secret) GoString() string { return hidden }

// Format writes <secret> whatever the verb: %x and %q print the value of a
// string past String.
func (s Secret) Format(w fmt.State, _ rune) { io.WriteString(w, hidden) }

// LogValue is <secret>.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText is <secret>.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON is "<secret>".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalYAML is <secret>.
func (s Secret) MarshalYAML() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// UnmarshalText always refuses: config files are copied, mailed and kept in
// version control.
func (s *Secret) UnmarshalText([]byte) error {
	return fault.Fault{What: "a secret does not belong in this file", Hint: "name where it is: use password_file or password_env, for a robot key_file or key_env, for a heartbeat url_file or url_env"}
}

// maxSecret is far more than a password and far less than a wrong file.
const maxSecret = 4096

// secret fetches a secret from the file or the environment variable that was
// named under path+"_file" or path+"_env"; naming neither gives "".
func (k *checker) secret(path, file, env string) Secret {
	switch {
	case file != "" && env != "":
		k.fault(path+"_env", "a secret has one source", fmt.Sprintf("keep %s_file or %[1]s_env", lastKey(path)))
	case file != "":
		return k.secretFile(path+"_file", file)
	case env != "":
		v := strings.TrimRight(os.Getenv(env), "\r\n")
		k.want(v != "", path+"_env", fmt.Sprintf("the environment variable %s is not set", env), "set it for the account that runs duban")
		return Secret(v)
	}
	return ""
}

func (k *checker) secretFile(path, file string) Secret {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSecret {
		k.fault(path, fmt.Sprintf("no secret in %s: %s", file, reason(err)), "name a small file that holds nothing but the secret")
		return ""
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		k.warn(path, fmt.Sprintf("others than the owner may use %s (%#o)", file, mode), "chmod 600 "+file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		k.fault(path, fmt.Sprintf("no secret in %s: %s", file, reason(err)), "let the account that runs duban read it")
		return ""
	}
	v := strings.TrimRight(string(data), "\r\n")
	k.want(v != "", path, fmt.Sprintf("%s is empty", file), "write the secret into it")
	return Secret(v)
}

func reason(err error) string {
	var pe *fs.PathError
	switch {
	case err == nil:
		return "not a small file"
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}

func lastKey(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
