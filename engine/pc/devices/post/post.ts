// Port 80h: the power-on self test's code display, which kernels also write to wait a moment. Reads back the last code.
import type { Device, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { PostState } from './persist.ts';

export class PostPort implements Device<PostState> {
  readonly name = 'post';
  #code = 0;

  attach(ports: PortBus): void {
    ports.register(
      0x80,
      1,
      bytePorts(
        () => this.#code,
        (_, value) => {
          this.#code = value;
        },
      ),
    );
  }

  reset(): void {
    this.#code = 0;
  }

  save(): PostState {
    return { version: 1, code: this.#code };
  }

  restore(state: PostState): void {
    this.#code = requireForm(this.name, state, this.save()).code;
  }
}
