import { expect, test } from '@playwright/test';
import { valueForV2, withValueForV2 } from '../../../helpers/longhorn/settings.ts';

test('a plain value applies to all engines and is written plainly', () => {
  expect(valueForV2('5')).toBe('5');
  expect(withValueForV2('5', '0')).toBe('0');
});

test('of a value per engine only the part of V2 is changed', () => {
  const value = '{"v1":"true","v2":"false"}';
  expect(valueForV2(value)).toBe('false');
  expect(JSON.parse(withValueForV2(value, 'true'))).toEqual({ v1: 'true', v2: 'true' });
});
