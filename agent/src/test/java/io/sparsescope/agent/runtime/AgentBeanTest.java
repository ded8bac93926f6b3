package io.sparsescope.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.config.OptionException;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.ModelDrift;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.profile.RunCost;
import io.sparsescope.profile.TapDrift;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentBeanTest {
  private final List<String> asked = new ArrayList<>();
  private AgentMXBean bean;
  private Optional<Drift> drift = Optional.empty();

  @BeforeEach
  void register() throws Exception {
    MBeanServer server = MBeanServerFactory.newMBeanServer();
    ObjectName name = new ObjectName(AgentMXBean.NAME);
    server.registerMBean(new AgentBean(new Asked()), name);
    bean = JMX.newMXBeanProxy(server, name, AgentMXBean.class);
  }

  @Test
  void tellsHowTheAgentIsDoing() {
    assertThat(bean.getVersion()).isEqualTo("0.1");
    assertThat(bean.getOnnxRuntime()).isEqualTo("1.29.0");
    assertThat(bean.isRunning()).isTrue();
    assertThat(bean.getFailures()).isEqualTo(3);
    assertThat(bean.getModels()).isEqualTo(4);
    assertThat(bean.getRuns()).isEqualTo(500);
    assertThat(bean.getSampledRuns()).isEqualTo(60);
    assertThat(bean.getOverheadSeconds()).isEqualTo(2.5);
    assertThat(bean.getDrops()).isEqualTo(7);
    assertThat(bean.getMetricsAddress()).isEqualTo("127.0.0.1:9464");
    assertThat(bean.getDriftDistance()).isNull();
    assertThat(bean.drift()).isEmpty();
    drift =
        Optional.of(
            new Drift(
                List.of(
                    new ModelDrift(
                        "net.onnx",
                        "",
                        "ab",
                        "",
                        List.of(new TapDrift("y", "fc", 0.5, 0.25, 0.25, 2.0, null, null, null)),
                        List.of(),
                        List.of())),
                List.of(),
                List.of()));
    assertThat(bean.getDriftDistance()).isEqualTo(0.25);
    assertThat(bean.drift()).contains("\"deviations\" : 2.0");
    assertThat(Profile.parse("bean", bean.profile()).agent().version()).isEqualTo("0.1");
  }

  @Test
  void passesOnWhatIsToBeDone() {
    assertThat(bean.start("sample=1/2")).isEqualTo("started");
    assertThat(bean.stop()).isEqualTo("stopped");
    assertThat(bean.dump("p.json")).isEqualTo(Path.of("/somewhere/p.json").toString());
    bean.reset();
    assertThat(asked).containsExactly("start sample=1/2", "stop", "dump p.json", "reset");
  }

  @Test
  void saysWhatIsWrongInClassesThatEveryClientHas() {
    assertThatThrownBy(() -> bean.start("wrong"))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such option")
        .hasNoCause();
    assertThatThrownBy(() -> bean.dump("full"))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("no room")
        .hasNoCause();
  }

  /** Keeps what it is asked for. */
  private final class Asked implements Control {
    @Override
    public String start(String options) {
      if (options.equals("wrong")) {
        throw new OptionException("no such option");
      }
      asked.add("start " + options);
      return "started";
    }

    @Override
    public String stop() {
      asked.add("stop");
      return "stopped";
    }

    @Override
    public Path dump(String file) {
      if (file.equals("full")) {
        throw new ProfileException("no room");
      }
      asked.add("dump " + file);
      return Path.of("/somewhere", file);
    }

    @Override
    public void reset() {
      asked.add("reset");
    }

    @Override
    public Status status() {
      return new Status(
          "0.1",
          "1.29.0",
          true,
          3,
          4,
          500,
          60,
          new RunCost(9_000_000_000L, 2_500_000_000L, 7),
          "127.0.0.1:9464");
    }

    @Override
    public Profile profile() {
      return new Profile(AgentInfo.of("0.1", "1.29.0"), List.of());
    }

    @Override
    public Optional<Drift> drift() {
      return drift;
    }

    @Override
    public boolean sawOnnxRuntime() {
      return true;
    }
  }
}
