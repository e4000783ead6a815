package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"tandem/configs"
)

const siteJob = "../../configs/site.yaml"

// schemaKeys are the keys of section load as the schema of job files describes them, those of embedded structs included.
func schemaKeys(t *testing.T) []string {
	t.Helper()
	j := defaultJob()
	var b bytes.Buffer
	if err := configs.Schema(&b, []configs.NamedSection{{Name: "load", Value: &j.Load}}); err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Load struct {
				Properties map[string]struct {
					Description string `json:"description"`
				} `json:"properties"`
			} `json:"load"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(b.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	for key, p := range schema.Properties.Load.Properties {
		if p.Description == "" {
			t.Errorf("the schema says nothing of load.%s", key)
		}
	}
	return slices.Sorted(maps.Keys(schema.Properties.Load.Properties))
}

// Every key of load is a flag of the same name or its arguments, and none is missing in the schema.
func TestLoadKeysAreFlags(t *testing.T) {
	t.Parallel()
	fs := pflag.NewFlagSet("load", pflag.ContinueOnError)
	bindLoad(fs, defaultJob())
	keys := schemaKeys(t)
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Name != "out" && !slices.Contains(keys, f.Name) {
			t.Errorf("--%s is no key of load", f.Name)
		}
	})
	for _, key := range keys {
		if key != "urls" && fs.Lookup(key) == nil {
			t.Errorf("load.%s is no flag", key)
		}
	}
}

// The commented job file names every key of load, is right as it stands, and stays readable with every commented key in place.
func TestSiteJobHasAllOfLoad(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(siteJob)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\nload:\n")
	if !ok {
		t.Fatal("no section load")
	}
	for _, key := range schemaKeys(t) {
		if !regexp.MustCompile(`(?m)^  (# )?` + key + `: ?`).MatchString(section) {
			t.Errorf("load.%s is not in configs/site.yaml", key)
		}
	}
	bind := func(fs *pflag.FlagSet, j *job) { bindLoad(fs, j) }
	j, err := effective(pflag.NewFlagSet("load", pflag.ContinueOnError), siteJob, bind)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Load.Validate(); err != nil {
		t.Errorf("configs/site.yaml: %v", err)
	}
	path := filepath.Join(t.TempDir(), "all.yaml")
	all := regexp.MustCompile(`(?m)^  # ([a-z-]+: )`).ReplaceAllString("load:\n"+section, "  $1")
	if err := os.WriteFile(path, []byte(all), 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err = effective(pflag.NewFlagSet("load", pflag.ContinueOnError), path, bind); err != nil {
		t.Fatal(err)
	}
	if j.Load.Prometheus != "127.0.0.1:9100" || j.Load.ServerName != "app.example.org" || len(j.Load.Checks) != 2 || j.Load.TLSMin != "1.2" {
		t.Errorf("%+v", j.Load)
	}
}
