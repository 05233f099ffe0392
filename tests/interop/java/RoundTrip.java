import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes one task in Avro and reads the decision, with the Kafka client, Avro, and the hub's
 * schema endpoints. Arguments: BOOTSTRAP REGISTRY_URL DEPT CREDIT_CODE OFFICER TASK_ID DAY.
 */
public final class RoundTrip {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String bootstrap;
  private final String registry;

  private RoundTrip(String bootstrap, String registry) {
    this.bootstrap = bootstrap;
    this.registry = registry;
  }

  public static void main(String[] args) throws Exception {
    var trip = new RoundTrip(args[0], args[1]);
    String dept = args[2], taskId = args[5];
    trip.publish(dept, args[3], args[4], taskId, LocalDate.parse(args[6]));
    // What lies on our own topic is read back by the id in it alone.
    JsonNode own = trip.find("insp.in." + dept, said -> said.path("task_id").asText().equals(taskId));
    JsonNode decision =
        trip.find(
            "insp.out." + dept,
            said -> said.has("decision") && said.path("task_id").asText().equals(taskId));
    ObjectNode told = JSON.createObjectNode();
    told.set("own", own);
    told.set("decision", decision);
    System.out.println(JSON.writeValueAsString(told));
  }

  private void publish(String dept, String uscc, String officer, String taskId, LocalDate day)
      throws Exception {
    JsonNode newest = ask("/subjects/inspection.TaskSubmitted/versions/latest");
    Schema schema = new Schema.Parser().parse(newest.path("schema").asText());
    Schema approval = schema.getField("approval").schema().getTypes().get(1);
    GenericRecord task =
        new GenericRecordBuilder(schema)
            .set("task_id", taskId)
            .set("uscc", uscc)
            .set("entity_name", "天津第一家有限公司")
            .set("mode", "ONSITE")
            .set("kind", "DAILY")
            .set("trigger", "PLAN")
            .set("items", List.of("1101-001"))
            .set("planned_on", (int) day.toEpochDay())
            .set("premises_region", "120116")
            .set("officers", List.of(officer))
            .set(
                "approval",
                new GenericRecordBuilder(approval)
                    .set("no", "A-1")
                    .set("by", "负责人")
                    .set("at", Instant.parse("2025-01-05T01:00:00Z").toEpochMilli())
                    .build())
            .build();
    var out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(newest.path("id").asInt()).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(task, encoder);
    encoder.flush();

    var record =
        new ProducerRecord<>("insp.in." + dept, uscc.getBytes(), out.toByteArray());
    record
        .headers()
        .add("ce_specversion", "1.0".getBytes())
        .add("ce_id", taskId.getBytes())
        .add("ce_source", dept.getBytes())
        .add("ce_type", "inspection.task.submitted".getBytes())
        .add("ce_time", Instant.now().toString().getBytes())
        .add("content-type", "application/avro".getBytes());
    Map<String, Object> settings =
        Map.of("bootstrap.servers", bootstrap, "acks", "all", "enable.idempotence", true);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(record).get();
    }
  }

  private JsonNode find(String topic, Predicate<JsonNode> wanted) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", bootstrap,
            "group.id", "interop-java",
            "auto.offset.reset", "earliest");
    long ends = System.nanoTime() + LIMIT.toNanos();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (System.nanoTime() < ends) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          JsonNode said = read(record);
          if (wanted.test(said)) {
            return said;
          }
        }
      }
    }
    throw new IllegalStateException("nothing on " + topic + " within " + LIMIT);
  }

  private JsonNode read(ConsumerRecord<byte[], byte[]> record) throws Exception {
    Header type = record.headers().lastHeader("content-type");
    if (type == null || !new String(type.value()).equals("application/avro")) {
      return JSON.readTree(record.value());
    }
    int id = ByteBuffer.wrap(record.value()).getInt(1);
    Schema schema = new Schema.Parser().parse(ask("/schemas/ids/" + id).path("schema").asText());
    var decoder =
        DecoderFactory.get().binaryDecoder(record.value(), 5, record.value().length - 5, null);
    return JSON.readTree(
        new GenericDatumReader<GenericRecord>(schema).read(null, decoder).toString());
  }

  private JsonNode ask(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(registry + path)).build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }
}
