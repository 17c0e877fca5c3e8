package rehearse

// lesson is what a kind of finding means to an administrator. PROVIDER stands
// for the name of the identity provider.
type lesson struct {
	title string // what is wrong
	next  string // what the provider does then
	mend  string // what the endpoint must do
}

const (
	retriesEachCycle = "PROVIDER logs a failure for the object and tries it again in every cycle, then less and less often. Many of these put the whole job into quarantine."
	doesNotNotice    = "PROVIDER takes the answer for a success and does not look again. The difference stays until somebody changes the attribute once more."
	sendsForEver     = "PROVIDER compares what it reads with what it wants and sends the same change again in every cycle, without end."
)

var lessons = map[string]lesson{
	// The connection.
	"unreachable":   {"The endpoint did not answer.", retriesEachCycle, "Look at the network, the certificate and the time that the endpoint takes: PROVIDER gives up on slow answers."},
	"front-door":    {"A web page came in place of SCIM: something in front of the endpoint answered.", "PROVIDER shows the page in its log and quarantines the job if it meets it in the connection test.", "Let the SCIM path through the firewall or proxy. Requests have no User-Agent and no Accept header, which rules against robots take offence at."},
	"credentials":   {"The token was refused.", "PROVIDER quarantines the job at once, for wrong credentials, whatever else works.", "Enter the token alone, without the word Bearer, and see that it does not expire. An outage behind the endpoint must be answered with 503, not with 401."},
	"forbidden":     {"The token may not do this.", "PROVIDER logs InsufficientRights and tries the object again in every cycle.", "Give the token the right to read and write users and groups."},
	"verb":          {"The endpoint does not have this operation.", retriesEachCycle, "Offer GET, POST, PATCH and DELETE for users and for groups. If it cannot delete, take Delete out of the target object actions of the mapping."},
	"media-refused": {"The media type of the request was refused.", retriesEachCycle, "Take application/scim+json with parameters such as charset=utf-8, and application/json; do not ask for an Accept header."},
	"media-type":    {"The answer has another media type than application/scim+json.", "PROVIDER's validator warns, and older ones end there.", "Send application/scim+json with every body, of errors too."},
	"throttled":     {"The endpoint throttles below 25 requests a second.", "PROVIDER tries the objects again later; a large first cycle takes days and can end in quarantine.", "Sustain 25 requests a second for each tenant. If there must be a limit, answer 429 with Retry-After in seconds."},
	"server-error":  {"The endpoint failed.", "PROVIDER tries the object again in 40 minutes.", "Find the failure in the log of the endpoint. What the client did wrong must be 4xx, what the endpoint cannot do now 503 with Retry-After."},
	"open-door":     {"Anybody may come in: a wrong token was served.", "PROVIDER does not notice. Anybody who knows the address can read and change people.", "Refuse unknown tokens with 401 before anything else is done."},
	"wrong-token":   {"A wrong token is not answered with 401.", "PROVIDER cannot tell a token that has expired from an outage, and tries again where it should tell the administrator.", "Answer 401 with a SCIM error and WWW-Authenticate: Bearer."},
	"probe-user":    {"The question for a user who does not exist is not answered with an empty list.", "PROVIDER's connection test fails: the connection cannot be saved, and a job that is running is quarantined.", "Answer 200 with a ListResponse, totalResults 0 and Resources []."},
	"probe-group":   {"The question for a group that does not exist is not answered with an empty list.", "PROVIDER's connection test fails although users would work: the connection cannot be saved, and a job that is running is quarantined.", "Serve /Groups with an empty list even where there are no groups."},
	"list-users":    {"The list of users is not answered with a ListResponse.", "PROVIDER's connection test fails.", "Answer 200 with a ListResponse that has totalResults and Resources."},
	"flag-query":    {"The flag aadOptscim062020 in the address disturbs the endpoint.", "PROVIDER passes the flag on with its requests, and none of them works.", "Ignore query parameters that are not known, also without a value."},
	"paging":        {"Pages do not fit together.", "Account discovery and imports miss people or see them twice.", "Honour startIndex and count in a stable order, with an exact totalResults; list users who are inactive too."},

	// Discovery.
	"no-schemas":     {"The schemas cannot be read.", "The schema test of the gallery fails; an administrator cannot see which attributes there are.", "Answer GET /Schemas with a ListResponse of the schemas of User, EnterpriseUser and Group."},
	"schemas-active": {"The schema calls active a text.", "The gallery's tests send texts and compare texts, and fail.", "Publish active as a boolean, and send it as one."},
	"schemas-types":  {"The schema does not say which types e-mails or phones have.", "The validator asks by primary in place of type, and reports values as missing that are there.", "Publish canonicalValues for the sub-attribute type, such as work and mobile: those that you store."},
	"schemas-group":  {"The schema of groups is missing.", "All group tests of the gallery fail; they are not skipped.", "Publish " + groupURN + " in /Schemas."},

	// Matching.
	"match":               {"The match query is refused.", retriesEachCycle, "Answer eq filters on userName and displayName with 200, also when nobody matches."},
	"match-lost":          {"Somebody who exists is not found.", "PROVIDER creates the object again, gets 409, and fails in every cycle; or there are two of them.", "Search the whole directory for the value, not its first page, and show at once what was written."},
	"match-other":         {"People cannot be found by another attribute than userName.", "Where an administrator matches by e-mail or externalId, nobody is joined, and people are created twice.", "Support eq on externalId and on emails[type eq \"work\"].value."},
	"case":                {"Letter case makes a difference in a match.", "PROVIDER does not find people who are written otherwise, tries to create them, and fails with 409 in every cycle.", "Compare userName, displayName and e-mails without regard to case."},
	"filter-ignored":      {"The filter finds resources that it does not ask for.", "PROVIDER joins the person with somebody else's account, or stops with DuplicateTargetEntries.", "Answer with exactly the resources that match the whole filter."},
	"foreign-name":        {"The name belongs to somebody else.", "PROVIDER would take the account over.", "Choose another prefix."},
	"conflict-unfindable": {"The endpoint refuses a name as taken that its filter does not find.", "PROVIDER tries to create and to match in turn, in every cycle, and never links the person.", "Let the check for uniqueness and the filter compare in the same way, over the same people, inactive ones too."},
	"twin":                {"The same user can be created twice.", "After an answer that comes too late, PROVIDER repeats the creation: there are two accounts, and matching fails with DuplicateTargetEntries.", "Refuse a userName that is taken, in any letter case, with 409 and scimType uniqueness."},
	"duplicate-status":    {"A name that is taken is not refused with 409.", "After an answer that comes too late, PROVIDER repeats the creation. It takes 409 as a hint to match again; anything else it logs as a failure, in every cycle.", "Refuse a userName that is taken, in any letter case, with 409 and scimType uniqueness."},
	"reference":           {"Whether somebody is a member cannot be asked.", "PROVIDER is documented to ask so before it changes a reference, and logs a failure then.", "Answer the filter id eq \"group\" and members eq \"user\" with the group or with an empty list."},
	"rename":              {"A change of userName is not seen by the filter.", "PROVIDER does not find the person by the new name when a job begins anew, and creates a second account.", "Take the new name over into whatever the filter searches, and let the old one go."},

	// Creation.
	"create-refused":       {"A creation was refused.", retriesEachCycle, "Take the body that PROVIDER sends: ignore what is not supported, and name the attribute in the detail if a value cannot be."},
	"create-status":        {"A creation is not answered with 201.", "The validator fails without a word why.", "Answer 201 with the whole resource and its Location."},
	"lenient-create":       {"A creation with texts for booleans, nulls or an unknown schema is refused.", retriesEachCycle, "Take \"True\" for true, null for absent, and ignore schemas and attributes that are not known."},
	"no-id":                {"The resource has no id.", "PROVIDER cannot link the person and fails with it in every cycle.", "Give every resource an id that is a text and never changes."},
	"other-name":           {"The answer to a creation is about another name.", "PROVIDER links the person to what the answer holds, which may be somebody else.", "Answer with the resource that was created, its name as it was sent."},
	"not-stored":           {"A value that was sent is not there.", sendsForEver, "Store the attribute, or take it out of /Schemas and have the administrator take it out of the mapping."},
	"reformatted":          {"A value comes back in another form.", sendsForEver, "Store and return values exactly as they are sent, phone numbers too."},
	"type-dropped":         {"Elements lose their type.", "PROVIDER looks for emails[type eq \"work\"], does not find it, and sends it again in every cycle.", "Store and return type and primary with e-mails and phones."},
	"enterprise-elsewhere": {"An enterprise attribute is not under the URN of its schema.", sendsForEver, "Return department, organization and manager under " + enterpriseURN + ", and list the URN in schemas."},
	"boolean-text":         {"A boolean is a text.", "PROVIDER sends it again in every cycle, and its validator fails.", "Take \"True\" and \"False\" in any letter case, and store and return true and false."},

	// Reading.
	"read-user":       {"A user cannot be read by its id.", retriesEachCycle, "Answer GET /Users/{id} with 200 and the resource."},
	"read-group":      {"A group cannot be read by its id.", retriesEachCycle, "Answer GET /Groups/{id} with 200 and the resource, with and without members."},
	"hidden-inactive": {"Who is disabled cannot be found any more.", "PROVIDER cannot restore the person: it logs InvalidAnchor, or creates a second account.", "Show inactive users by id and by filter, with active false. Only what was deleted may be gone."},
	"anchor-lost":     {"The endpoint does not know an id that it gave itself.", "PROVIDER logs InvalidAnchor. It does not always match again; an administrator must restart the job.", "Keep ids for ever, and show at once what was written."},

	// Changes of users.
	"update":             {"A change of attributes does not arrive.", "If the answer was a success, PROVIDER believes it until it reads the user again, and then sends the same change in every cycle; if not, it does so at once.", "Take each key of an operation without a path as a SCIM path (name.familyName, URNs with attributes), create the element that a path such as phoneNumbers[type eq \"mobile\"].value names, and compare op without regard to case."},
	"clear":              {"A value that is taken away stays, or cannot be taken away.", doesNotNotice, "Take remove with or without a value, and replace with \"\" or null, for what they mean: the attribute is absent afterwards."},
	"disable":            {"A user is not disabled.", "Somebody who left keeps access, and PROVIDER does not notice if the answer was a success.", "Take false, \"False\" and \"false\" for active, with or without a path, with any letter case of op."},
	"disable-twice":      {"A user who is disabled cannot be disabled again.", "After an answer that was lost, PROVIDER tries again and fails in every cycle.", "Answer a change that changes nothing with success."},
	"restore":            {"A user is not restored.", "Somebody who came back has no access.", "Take true and \"True\" for active, together with other changes."},
	"siblings":           {"A change touches what it does not name.", doesNotNotice + " Data is lost.", "Merge what is sent for name and for elements into what is there; change nothing else."},
	"on-demand":          {"Provisioning on demand does not work.", "It sends bodies of the legacy dialect whatever the flag says; the administrator's trial fails.", "Take both dialects at any time, without a switch."},
	"add-active":         {"An add of active is refused or ignored.", "Users stay as they are although PROVIDER disables or restores them.", "Treat add as replace for attributes with a single value."},
	"unsupported-blocks": {"One attribute that is not supported makes the whole request fail.", "The user is not disabled, as active is in the same request: somebody who left keeps access.", "Ignore attributes that are not known, and do the rest."},
	"manager":            {"The manager cannot be set or cleared.", sendsForEver, "Take a text, an object with value, and \"\" or null for none; return it under the enterprise URN as an object with value."},

	// Groups.
	"group-name":        {"A group does not have its new name.", "PROVIDER does not find it by the new name, and creates another.", "Take the name with a path or without, and let the filter see it at once."},
	"members-returned":  {"Members are returned although they were excluded.", "PROVIDER then compares members itself and sends replace with a part of them: the group ends with one member. Or it logs MultipleEntriesInResponse.", "Honour excludedAttributes=members for lists and for single groups."},
	"add-member":        {"A member cannot be added.", "PROVIDER tries the reference again in every cycle.", "Add the members that are named; answer 204 if they were there already."},
	"remove-member":     {"A member cannot be removed.", "Somebody keeps the rights of the group; PROVIDER tries again in every cycle.", "Take remove with the path members[value eq \"id\"], and with the path members and a list of values."},
	"remove-absent":     {"The removal of somebody who is no member fails.", "After an answer that was lost, PROVIDER tries again and fails in every cycle.", "Answer it with success."},
	"remove-empties":    {"The removal of one member empties the group.", doesNotNotice + " Everybody else has lost the rights of the group.", "If a remove of members has a list of values, remove just these."},
	"remove-ignored":    {"A removal is answered with success, and the member is still there.", doesNotNotice + " Somebody keeps the rights of the group.", "Apply the filter of members[value eq \"id\"] and the list of values."},
	"mixed-members":     {"A request that removes members and adds others is refused or done in part.", doesNotNotice + " Somebody keeps the rights of the group, or does not get them.", "Apply all operations of a PATCH in their order, also several on members."},
	"members-lost":      {"Members are missing.", "PROVIDER never reads members and so never notices. It sends up to five changes of one group at a time.", "Apply changes of members one by one under a lock for each group, or as deltas in the database; do not read the list, change it and write it whole."},
	"members-extra":     {"There are members that nobody added.", doesNotNotice, "Keep to exactly the members that are added and removed."},
	"members-truncated": {"A change of one member removes others.", doesNotNotice, "Do not derive members from a page of the list: apply the change alone."},

	// Deletion.
	"user-delete":     {"A user cannot be deleted.", "PROVIDER tries again in every cycle.", "Answer DELETE with 204; or have the administrator take Delete out of the target object actions."},
	"group-delete":    {"A group cannot be deleted.", "PROVIDER logs ServiceIncompatible and tries again in every cycle.", "Answer DELETE with 204; or have the administrator take Delete out of the target object actions of groups."},
	"deleted-visible": {"What was deleted is still there.", "When the person comes back, PROVIDER links to what is left of the old account.", "Answer 404 for an id that was deleted, and do not find it any more."},
}
