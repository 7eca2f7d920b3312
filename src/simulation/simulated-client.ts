// What the guest program `client` would print, once a second.

export class SimulatedClient {
  #t = 0;
  #sequence = 0;
  #gap = 55;

  /** @param disturbance ms that some answers of this second waited for a migration */
  line(disturbance: number): string {
    this.#t += 1;
    const tcp = 19 + Math.round(Math.random());
    const http = 18 + Math.round(Math.random() * 2);
    this.#sequence += tcp;
    this.#gap = Math.max(this.#gap, 50 + disturbance);
    const ms = (value: number) => value.toFixed(2);
    const noise = () => 0.85 + Math.random() * 0.3;
    const latency = (name: string, base: number) =>
      `${name}50=${ms(base * noise())} ${name}95=${ms(2.4 * base * noise())} ${name}99=${ms(4 * base * noise())} ${name}max=${ms(5 * base * noise() + disturbance)}`;
    return `client t=${this.#t} tcp=${tcp} ${latency('tcp', 1.2)} tcperr=0 seq=${this.#sequence} resets=0 http=${http} ${latency('http', 8)} httperr=0 gap=${ms(this.#gap)}\r\n`;
  }
}
