package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/mapping"
)

// kubernetesVersion is the one whose schemas the shipped objects are held to.
const kubernetesVersion = "1.37"

// labels select the pods.
type labels map[string]string

// deployment is what of the shipped Deployment must fit the rest.
type deployment struct {
	Spec struct {
		Selector struct{ MatchLabels labels }
		Template struct {
			Metadata struct{ Labels labels }
			Spec     podSpec
		}
	}
}

type podSpec struct {
	EnableServiceLinks            bool
	AutomountServiceAccountToken  bool
	TerminationGracePeriodSeconds int
	SecurityContext               struct{ RunAsUser, RunAsGroup uint32 }
	Containers                    []struct {
		Args                                        []string
		Ports                                       []struct{ Name string }
		StartupProbe, ReadinessProbe, LivenessProbe probe
		Lifecycle                                   struct {
			PreStop struct{ Sleep struct{ Seconds int } }
		}
		VolumeMounts    []struct{ MountPath string }
		SecurityContext struct{ ReadOnlyRootFilesystem bool }
	}
}

// probe is how the kubelet asks.
type probe struct{ HTTPGet struct{ Path, Port string } }

// manifest reads a shipped object into v, as JSON: that finds fields in any
// letter case.
func manifest(t *testing.T, name string, v any) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("../configs/kubernetes", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestKubernetesSchemas: every shipped object is what the published schema of
// its kind says, and has no field besides.
func TestKubernetesSchemas(t *testing.T) {
	files, err := filepath.Glob("../configs/kubernetes/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("the directory has %q, %v", files, err)
	}
	validate := pythonTool(t, "kubernetes-validate")
	check := func(file string) (string, error) {
		out, err := exec.Command(validate, "--strict", "-k", kubernetesVersion, file).CombinedOutput()
		return string(out), err
	}
	for _, file := range files {
		if out, err := check(file); err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
	wrong := filepath.Join(t.TempDir(), "service.yaml")
	if err := os.WriteFile(wrong, []byte("apiVersion: v1\nkind: Service\nspec: {port: 8080}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := check(wrong); err == nil {
		t.Errorf("an object with an unknown field passes: %s", out)
	}
}

// pythonTool returns the path of a program in the virtual environment that
// integration/setup.sh makes. Without it the test is skipped, or fails, as
// harness.Tool does.
func pythonTool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(".venv/bin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1" {
		t.Fatalf("%s is not installed; it is in PyPI, and integration/setup.sh installs it", name)
	}
	t.Skipf("%s is not installed; it is in PyPI, and integration/setup.sh installs it", name)
	return ""
}

// TestKubernetesPods: the objects are of the same pods, and these run the
// command of the image as its user, are asked where the adapter answers, and
// are stopped after their requests.
func TestKubernetesPods(t *testing.T) {
	var d deployment
	manifest(t, "deployment", &d)
	pod := d.Spec.Template.Spec
	if len(pod.Containers) != 1 {
		t.Fatalf("%d containers, want one", len(pod.Containers))
	}
	c := pod.Containers[0]
	stage := dockerfile(t)[1]
	if diff := cmp.Diff(the(t, stage, "CMD").list(t), c.Args); diff != "" {
		t.Errorf("args (-image +pod):\n%s", diff)
	}
	if uid, gid := imageUser(t); pod.SecurityContext.RunAsUser != uid || pod.SecurityContext.RunAsGroup != gid {
		t.Errorf("the pod runs as %+v, the image as %d:%d", pod.SecurityContext, uid, gid)
	}
	if pod.EnableServiceLinks || pod.AutomountServiceAccountToken || !c.SecurityContext.ReadOnlyRootFilesystem {
		t.Errorf("the pod has more than it needs: %+v", pod)
	}
	if config := c.Args[slices.Index(c.Args, "--config")+1]; len(c.VolumeMounts) != 1 || filepath.Dir(config) != c.VolumeMounts[0].MountPath {
		t.Errorf("the profile is %s, and mounted is %v", config, c.VolumeMounts)
	}
	loaded, err := mapping.Load("shipped.yaml", configs.SignInEnterprise, mapping.Sources{Env: func(string) (string, bool) { return "https://example.com", true }})
	if err != nil {
		t.Fatal(err)
	}
	grace := time.Duration(pod.TerminationGracePeriodSeconds-c.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	if grace <= time.Duration(loaded.Server.ShutdownTimeout) {
		t.Errorf("a pod has %v to stop, want more than shutdown_timeout, %v", grace, time.Duration(loaded.Server.ShutdownTimeout))
	}
	checkProbes(t, c.StartupProbe, c.ReadinessProbe, c.LivenessProbe)
	checkSelectors(t, d)
}

// checkProbes asks a running adapter as the kubelet would.
func checkProbes(t *testing.T, probes ...probe) {
	t.Helper()
	config, env := harness.Profile(t, "http://127.0.0.1:1")
	p := harness.Start(t, harness.Options{Config: config, Env: env})
	for _, probe := range probes {
		if probe.HTTPGet.Port != "admin" {
			t.Errorf("a probe asks the port %q, want admin", probe.HTTPGet.Port)
		}
		resp, err := http.Get(p.AdminURL + probe.HTTPGet.Path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("a probe of %s has status %d", probe.HTTPGet.Path, resp.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// checkSelectors checks that every object selects the pods, and names ports
// that they have.
func checkSelectors(t *testing.T, d deployment) {
	t.Helper()
	want := d.Spec.Template.Metadata.Labels
	var service struct {
		Spec struct {
			Selector labels
			Ports    []struct{ TargetPort string }
		}
	}
	var budget struct {
		Spec struct{ Selector struct{ MatchLabels labels } }
	}
	var policy struct {
		Spec struct {
			PodSelector struct{ MatchLabels labels }
			PolicyTypes []string
			Ingress     []struct{ Ports []struct{ Port string } }
		}
	}
	var scaler struct {
		Spec struct {
			ScaleTargetRef           struct{ Kind, Name string }
			MinReplicas, MaxReplicas int
		}
	}
	manifest(t, "service", &service)
	manifest(t, "poddisruptionbudget", &budget)
	manifest(t, "networkpolicy", &policy)
	manifest(t, "horizontalpodautoscaler", &scaler)
	for name, got := range map[string]labels{
		"Deployment": d.Spec.Selector.MatchLabels, "Service": service.Spec.Selector,
		"PodDisruptionBudget": budget.Spec.Selector.MatchLabels, "NetworkPolicy": policy.Spec.PodSelector.MatchLabels,
	} {
		if len(want) == 0 || !cmp.Equal(got, want) {
			t.Errorf("the %s selects %v, and the pods have %v", name, got, want)
		}
	}
	var ports, used []string
	for _, p := range d.Spec.Template.Spec.Containers[0].Ports {
		ports = append(ports, p.Name)
	}
	for _, p := range service.Spec.Ports {
		used = append(used, p.TargetPort)
	}
	for _, rule := range policy.Spec.Ingress {
		for _, p := range rule.Ports {
			used = append(used, p.Port)
		}
	}
	for _, name := range used {
		if !slices.Contains(ports, name) {
			t.Errorf("the port %q is used, and the pods have %q", name, ports)
		}
	}
	if got := fmt.Sprint(policy.Spec.PolicyTypes); got != "[Ingress Egress]" {
		t.Errorf("the policy is for %s, want both directions", got)
	}
	target := scaler.Spec.ScaleTargetRef
	if target.Kind != "Deployment" || target.Name != "hostscim" || scaler.Spec.MinReplicas < 2 || scaler.Spec.MaxReplicas < scaler.Spec.MinReplicas {
		t.Errorf("the scaler is of %+v, from %d to %d; want two pods and more of the Deployment", target, scaler.Spec.MinReplicas, scaler.Spec.MaxReplicas)
	}
}
