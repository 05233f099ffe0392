// Publishes one task in Avro and reads the decision, with franz-go, hamba/avro, and the hub's
// schema endpoints. Arguments: BOOTSTRAP REGISTRY_URL DEPT CREDIT_CODE OFFICER TASK_ID DAY.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The hub takes the plain encoding of lists only: no sizes before their blocks.
var plain = avro.Config{DisableBlockSizeHeader: true}.Freeze()

type trip struct{ bootstrap, registry string }

func main() {
	if len(os.Args) != 8 {
		log.Fatal("BOOTSTRAP REGISTRY_URL DEPT CREDIT_CODE OFFICER TASK_ID DAY expected")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	t := trip{os.Args[1], os.Args[2]}
	dept, task := os.Args[3], os.Args[6]
	must(t.publish(ctx, dept, os.Args[4], os.Args[5], task, os.Args[7]))
	// What lies on our own topic is read back by the id in it alone.
	own, err := t.find(ctx, "insp.in."+dept, task, "entity_name")
	must(err)
	decision, err := t.find(ctx, "insp.out."+dept, task, "decision")
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"own": own, "decision": decision}))
}

func (t trip) publish(ctx context.Context, dept, uscc, officer, task, day string) error {
	var newest struct {
		ID     uint32 `json:"id"`
		Schema string `json:"schema"`
	}
	if err := t.ask("/subjects/inspection.TaskSubmitted/versions/latest", &newest); err != nil {
		return err
	}
	schema, err := avro.Parse(newest.Schema)
	if err != nil {
		return err
	}
	planned, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	approved := map[string]any{"no": "A-1", "by": "负责人",
		"at": time.Date(2025, 1, 5, 1, 0, 0, 0, time.UTC), "mode": "PRIOR", "extra": nil}
	datum, err := plain.Marshal(schema, map[string]any{
		"task_id": task, "uscc": uscc, "entity_name": "天津第一家有限公司",
		"mode": "ONSITE", "kind": "DAILY", "trigger": "PLAN", "clue_no": nil,
		"items": []string{"1101-001"}, "planned_on": planned, "premises_region": "120116",
		"assist_letter_no": nil, "officers": []string{officer}, "plan_code": nil,
		"approval":   map[string]any{"inspection.Approval": approved},
		"special_id": nil, "joint_id": nil, "survey": false, "backfill": false, "extra": nil,
	})
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32([]byte{0}, newest.ID)
	client, err := kgo.NewClient(kgo.SeedBrokers(t.bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ProduceSync(ctx, &kgo.Record{
		Topic: "insp.in." + dept, Key: []byte(uscc), Value: append(head, datum...),
		Headers: []kgo.RecordHeader{
			header("ce_specversion", "1.0"), header("ce_id", task), header("ce_source", dept),
			header("ce_type", "inspection.task.submitted"),
			header("ce_time", time.Now().Format(time.RFC3339Nano)),
			header("content-type", "application/avro"),
		},
	}).FirstErr()
}

// find waits for the record about a task that has a field.
func (t trip) find(ctx context.Context, topic, task, field string) (map[string]any, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(t.bootstrap), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	for ctx.Err() == nil {
		for _, record := range client.PollFetches(ctx).Records() {
			said, err := t.read(record)
			if err != nil {
				return nil, err
			}
			if _, has := said[field]; has && said["task_id"] == task {
				return said, nil
			}
		}
	}
	return nil, fmt.Errorf("nothing about %s on %s: %w", task, topic, ctx.Err())
}

func (t trip) read(record *kgo.Record) (map[string]any, error) {
	said := map[string]any{}
	for _, one := range record.Headers {
		if one.Key != "content-type" || string(one.Value) != "application/avro" {
			continue
		}
		var found struct {
			Schema string `json:"schema"`
		}
		id := binary.BigEndian.Uint32(record.Value[1:5])
		if err := t.ask(fmt.Sprintf("/schemas/ids/%d", id), &found); err != nil {
			return nil, err
		}
		schema, err := avro.Parse(found.Schema)
		if err != nil {
			return nil, err
		}
		return said, avro.Unmarshal(schema, record.Value[5:], &said)
	}
	return said, json.Unmarshal(record.Value, &said)
}

func (t trip) ask(path string, into any) error {
	answer, err := http.Get(t.registry + path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", path, answer.Status, body)
	}
	return json.Unmarshal(body, into)
}

func header(name, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: name, Value: []byte(value)}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
