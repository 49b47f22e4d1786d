package peers;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The job on Flink: BROKERS PREFIX TOPIC FOLDER PARALLELISM CHECKPOINT_MS rocksdb|hashmap. Exactly once. */
public final class FlinkJob {
  public static final class Output {
    public String customer;
    public byte[] json;
  }

  private static final class Parse implements KafkaRecordDeserializationSchema<Event> {
    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Event> out) {
      out.collect(Event.parse(record.value()));
    }

    @Override
    public TypeInformation<Event> getProducedType() {
      return TypeInformation.of(Event.class);
    }
  }

  private static final class Update extends KeyedProcessFunction<String, Event, Output> {
    private transient ValueState<Rfm> state;

    @Override
    public void open(OpenContext context) {
      state = getRuntimeContext().getState(new ValueStateDescriptor<>("rfm", Rfm.class));
    }

    @Override
    public void processElement(Event event, Context context, Collector<Output> out) throws Exception {
      Rfm rfm = state.value();
      if (rfm == null) {
        rfm = new Rfm();
      }
      rfm.add(event);
      state.update(rfm);
      if (!event.isSale) {
        return;
      }
      Output output = new Output();
      output.customer = event.customer;
      output.json = rfm.record(event.customer, event.time);
      out.collect(output);
    }
  }

  public static void main(String[] words) throws Exception {
    int parallelism = Integer.parseInt(words[4]);
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", words[6]);
    configuration.setString("execution.checkpointing.incremental", "true");
    configuration.setString("execution.checkpointing.dir", "file://" + words[3] + "/checkpoints");
    configuration.setString("state.backend.rocksdb.localdir", words[3] + "/rocksdb");
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    environment.getConfig().enableObjectReuse();
    environment.enableCheckpointing(Long.parseLong(words[5]), CheckpointingMode.EXACTLY_ONCE);
    String topic = words[2];
    KafkaSource<Event> source = KafkaSource.<Event>builder().setBootstrapServers(words[0])
        .setTopics(words[1] + ".transactions", words[1] + ".page_views").setGroupId(topic + "-flink")
        .setStartingOffsets(OffsetsInitializer.earliest()).setDeserializer(new Parse())
        .setProperty("isolation.level", "read_committed").setProperty("max.poll.records", "5000").build();
    KafkaSink<Output> sink = KafkaSink.<Output>builder().setBootstrapServers(words[0])
        .setRecordSerializer((KafkaRecordSerializationSchema<Output>) (output, context, time) -> new ProducerRecord<>(
            topic, output.customer.getBytes(StandardCharsets.UTF_8), output.json))
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE).setTransactionalIdPrefix(topic + "-flink")
        .setProperty("transaction.timeout.ms", "60000").setProperty("linger.ms", "5")
        .setProperty("batch.size", "131072").setProperty("compression.type", "lz4").build();
    environment.fromSource(source, WatermarkStrategy.noWatermarks(), "events").keyBy(event -> event.customer)
        .process(new Update()).returns(Output.class).sinkTo(sink);
    environment.execute("rfm");
  }
}
