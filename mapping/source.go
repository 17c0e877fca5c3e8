package mapping

import (
	"fmt"
	"strings"
)

// Sources is where ${NAME} and ${file:PATH} in a configuration come from.
// The package itself reads neither the environment nor files.
type Sources struct {
	Env      func(name string) (value string, ok bool) // nil: nothing is set
	ReadFile func(path string) ([]byte, error)         // nil: no file can be read
}

// expand fills in ${NAME} and ${file:PATH}; $${ stands for a plain ${. One
// line end at the end of a file is cut off, since editors and secret stores
// leave one. Error texts name the variable or file and never its content.
func (s Sources) expand(text string) (string, error) {
	var out strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			out.WriteString(text)
			return out.String(), nil
		}
		if i > 0 && text[i-1] == '$' {
			out.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		name, rest, ok := strings.Cut(text[i+2:], "}")
		if !ok {
			return "", fmt.Errorf("${ without a closing }; write ${NAME}, or $${ for a plain ${")
		}
		value, err := s.lookup(name)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
		text = rest
	}
}

func (s Sources) lookup(name string) (string, error) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		if s.ReadFile == nil {
			return "", fmt.Errorf("file %s cannot be read here", path)
		}
		data, err := s.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("file %s cannot be read: make it readable or name another", path)
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
	}
	if s.Env != nil {
		if value, ok := s.Env(name); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("environment variable %s is not set; set it, or write the value here", name)
}
