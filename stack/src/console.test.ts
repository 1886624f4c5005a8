import { describe, expect, it } from '@jest/globals';
import { consoleSettings } from './console.js';

describe('the console that the environment asks for', () => {
  it('is on, signed in to by the stack itself', () => {
    expect(consoleSettings({})).toEqual({});
    expect(consoleSettings({ CONSOLE: 'on', GRAFANA_PUBLIC_URL: 'https://g' })).toEqual({
      grafanaUrl: 'https://g',
    });
  });

  it('is off, or as the environment says, or a mistake', () => {
    expect(consoleSettings({ CONSOLE: 'off' })).toBe(false);
    expect(() => consoleSettings({ CONSOLE: 'no' })).toThrow('CONSOLE is "no"');
  });

  it('is signed in to by an issuer of one’s own', () => {
    const env = {
      AUTH_ISSUER: 'https://id.example',
      AUTH_AUDIENCE: 'bud',
      CONSOLE_CLIENT_ID: 'c',
      CONSOLE_SCOPE: 'openid offline_access',
      CONSOLE_ISSUER_ORIGINS: 'https://tokens.example',
    };
    expect(consoleSettings(env)).toEqual({
      issuer: 'https://id.example',
      audience: 'bud',
      clientId: 'c',
      scope: 'openid offline_access',
      issuerOrigins: 'https://tokens.example',
    });
  });

  it('asks for no sign-in where the services want none', () => {
    expect(consoleSettings({ AUTH_MODE: 'off' })).toMatchObject({ issuer: '', clientId: '' });
  });
});
