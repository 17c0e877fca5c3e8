package integration

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// newUser returns the body that creates a user of that name.
func newUser(name string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%[1]s@example.com","active":true,
 "emails":[{"primary":true,"type":"work","value":"%[1]s@example.com"}],"name":{"givenName":"Given","familyName":"Family"}}`, name)
}

// newGroup returns the body that creates a group of that name.
func newGroup(name string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":[]}`, name)
}

// operation is one operation of a PATCH.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value"`
}

func op(name, path string, value any) operation { return operation{name, path, value} }

// patch returns the body of a PATCH.
func patch(ops ...operation) string {
	data, err := json.Marshal(map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": ops,
	})
	if err != nil {
		panic(err) // plain values
	}
	return string(data)
}

// members returns the value of an operation on members.
func members(ids ...int64) []map[string]string {
	values := make([]map[string]string, len(ids))
	for i, id := range ids {
		values[i] = map[string]string{"value": strconv.FormatInt(id, 10)}
	}
	return values
}

// between returns the numbers from first to last.
func between(first, last int64) []int64 {
	var ids []int64
	for id := first; id <= last; id++ {
		ids = append(ids, id)
	}
	return ids
}
