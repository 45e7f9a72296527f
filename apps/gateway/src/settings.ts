/** Where the gateway is and whom it trusts. */
export interface GatewaySettings {
  readonly publicUrl: string;
  readonly issuerUrl: string;
  readonly audience: string;
}
export const GATEWAY_SETTINGS = Symbol('gateway settings');
