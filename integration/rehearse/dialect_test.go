package rehearse

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBodies holds the bodies for stories to those that Entra sends.
func TestBodies(t *testing.T) {
	for name, tt := range map[string]struct{ got, want string }{
		"user": {UserBody(map[string]any{pathUserName: "ada@example.com", pathActive: false, "nickName": "Ada", pathWorkMail: "ada@example.com", pathMobile: "+1"}),
			`{"active":false,"emails":[{"primary":true,"type":"work","value":"ada@example.com"}],"meta":{"resourceType":"User"},"nickName":"Ada",` +
				`"phoneNumbers":[{"type":"mobile","value":"+1"}],"roles":[],"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",` +
				`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada@example.com"}`},
		"group": {GroupBody("Design"), `{"displayName":"Design","externalId":"design-ext","members":[],"meta":{"resourceType":"Group"},` +
			`"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}`},
		"group with members": {GroupBody("Design", "7", "8"), `{"displayName":"Design","externalId":"design-ext","members":[{"value":"7"},{"value":"8"}],` +
			`"meta":{"resourceType":"Group"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}`},
		"patch": {Patch(Op("remove", "members", nil), Op("replace", "members", Members("7"))), `{"Operations":[{"op":"remove","path":"members","value":null},` +
			`{"op":"replace","path":"members","value":[{"value":"7"}]}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if d := Dialects(); len(d) != 2 || d[0].Name() != "legacy" || d[1].Name() != "compliant" {
		t.Errorf("Dialects() = %v, want legacy and compliant", d)
	}
}
